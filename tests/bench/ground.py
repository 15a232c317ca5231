"""What every scene stands on: durable PostgreSQL and Redis as the stack runs them, and somebody who signs tokens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

from deploy import postgres
from deploy import redis as redis_server
from tests.support.identity import IdentityProvider, serving
from tests.support.settings import service_variables


class Ground(NamedTuple):
    """Where data lies, where the servers answer, who signs tokens; `stack` ends what is started on it."""

    folder: Path
    postgres_url: str
    redis_url: str
    identity: IdentityProvider
    stack: ExitStack

    def variables(self, database: str, port: int) -> dict[str, str]:
        """The variables of services on one database, whose ports begin at `port`."""
        home = self.folder / database
        home.mkdir(exist_ok=True)
        url = self.postgres_url.replace("/postgres?", f"/{database}?")
        given = service_variables(home, url, self.redis_url, self.identity.issuer)
        return given | {"CECOIA_PORT": str(port), "CECOIA_LIMITS": "off"}

    def start(self, variables: dict[str, str], *command: str) -> int:
        """Run a module until the scene ends; gives its process id."""
        return self.stack.enter_context(_running(command, variables, self.folder / "log"))


@contextmanager
def ground() -> Iterator[Ground]:
    """Start the servers, and stop them with everything that was started on them."""
    with ExitStack() as servers:
        folder = Path(servers.enter_context(tempfile.TemporaryDirectory(prefix="cecoia-b", ignore_cleanup_errors=True)))
        folder.chmod(0o711)
        database = servers.enter_context(postgres.serving(folder / "pg", folder / "s"))
        redis = servers.enter_context(redis_server.serving(folder / "redis", folder / "r"))
        identity = servers.enter_context(serving())
        with ExitStack() as stack:
            yield Ground(folder, database, redis, identity, stack)


@contextmanager
def _running(command: tuple[str, ...], variables: dict[str, str], log: Path) -> Iterator[int]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CECOIA_")}
    with log.open("ab") as said:
        process = subprocess.Popen([sys.executable, "-m", *command], env=kept | variables, stdout=said, stderr=said)
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def await_listening(port: int, seconds: float = 30) -> None:
    """Wait until a service answers, whatever it says."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            httpx.get(f"http://127.0.0.1:{port}/", timeout=2)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing listens on {port}")
