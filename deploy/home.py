"""The folder that holds a stack's data: one supervisor at a time, enough room, data that fits, free ports."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

#: MiB that must be free before anything starts.
ROOM = 200


class Refused(Exception):
    """Why the stack cannot start here, in one line."""


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Make the folder and hold its lock inside a `with` block. The kernel lets go of it however the holder ends.

    Raises:
        Refused: another supervisor holds it, or the disk is full.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free // 2**20
    if free < ROOM:
        raise Refused(
            f"the disk is full: {free} MiB free in {home}, {ROOM} are needed; CECOIA_HOME names another folder"
        )
    with (home / "lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise Refused(
                f"already running in {home} (process {holder}); stop it or give another CECOIA_HOME"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def check_ports(ports: dict[str, int]) -> None:
    """Refuse to start on ports that are taken.

    Args:
        ports: what will listen, with its port on the loopback.

    Raises:
        Refused: names the port, who has it where that can be known, and the variable that moves it.
    """
    for name, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                probe.listen()
            except OSError:
                by = _listener(port)
                raise Refused(
                    f"port {port} for {name} is taken{by}; CECOIA_PORT moves all ports, e.g. make run CECOIA_PORT=8100"
                ) from None


def _listener(port: int) -> str:
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("inet"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""
