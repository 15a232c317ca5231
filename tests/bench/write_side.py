"""The write side alone, as the stack runs it: durable PostgreSQL, Redis, one intake process; nobody follows the journal.

What is measured here is not disturbed by the routing and mailing of what was measured before.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import httpx

from deploy import postgres
from deploy import redis as redis_server
from deploy.database import bring_up_to_date
from deploy.run import CATALOGUE
from tests.support.identity import IdentityProvider, serving
from tests.support.stack import free_ports

#: What a requester sends; some 600 bytes, as forms are.
FORM: Final = {
    "phone": "01 99 00 12 34",
    "subject": "messagerie.envoi",
    "availability": "Lundi et mardi de 8 h à 17 h, le mercredi matin",
    "urgency": "high",
    "description": "Les courriels aux familles de la classe de 3e B reviennent depuis ce matin avec le code 535. "
    "Les autres messages partent. Nous avons redémarré le poste et essayé depuis un autre ordinateur du secrétariat, "
    "sans résultat. La réunion de rentrée est demain à 18 h, les convocations doivent partir aujourd’hui.",
}


class WriteSide(NamedTuple):
    """What runs: variables of its processes, ports of intake and of the bare service, and who signs tokens."""

    variables: dict[str, str]
    intake: int
    bare: int
    identity: IdentityProvider

    @property
    def database_url(self) -> str:
        """Address of the database, as its owner."""
        return self.variables["CECOIA_DATABASE_URL"]

    def head(self) -> str:
        """First line and headers of a new incident in claire.martin's name."""
        token = self.identity.token("claire.martin")
        return f"POST /v1/incidents HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json"


@asynccontextmanager
async def write_side() -> AsyncIterator[WriteSide]:
    """Start it, with the bare service beside it, and stop it in the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cecoia-b", ignore_cleanup_errors=True)))
        folder.chmod(0o711)
        database = stack.enter_context(postgres.serving(folder / "pg", folder / "s"))
        redis = stack.enter_context(redis_server.serving(folder / "redis", folder / "r"))
        identity = stack.enter_context(serving())
        port = free_ports()
        variables = {
            "CECOIA_HOME": str(folder),
            "CECOIA_PORT": str(port),
            "CECOIA_LIMITS": "off",
            "CECOIA_DATABASE_URL": database.replace("/postgres?", "/cecoia?"),
            "CECOIA_REDIS_URL": redis,
            "CECOIA_BROKER_URL": redis,
            "CECOIA_SMTP_URL": "smtp://127.0.0.1:1",
            "CECOIA_OIDC_ISSUER": identity.issuer,
        }
        await bring_up_to_date(variables, CATALOGUE.read_text(encoding="utf-8"))
        log = stack.enter_context((folder / "log").open("wb"))
        for command in (["services.intake"], ["tests.bench.bare", str(port + 2)]):
            stack.enter_context(_running(command, variables, log.fileno()))
        for each in (port + 1, port + 2):
            _await_listening(each)
        yield WriteSide(variables, port + 1, port + 2, identity)


@contextmanager
def _running(command: list[str], variables: dict[str, str], log: int) -> Iterator[None]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CECOIA_")}
    process = subprocess.Popen([sys.executable, "-m", *command], env=kept | variables, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def _await_listening(port: int, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            httpx.get(f"http://127.0.0.1:{port}/", timeout=2)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing listens on {port}")
