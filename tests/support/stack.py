"""The whole system as `make run` starts it, in a home of its own on ports of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import httpx
import psutil

#: How the command line of each process ends or what stands in it, the more particular first.
MARKS: Final = {
    "postgres": "bin/postgres ",
    "redis": "redis-server ",
    "identity": "-m deploy.demo.identity",
    "mail": "-m deploy.demo.mail",
    "projector": "-m services.query project",
    "relay": "-m services.notifier relay",
    "worker": "-m services.notifier worker",
    "sealer": "-m shared.journal seal",
    "post": "-m services.intake post",
    "intake": "-m services.intake",
    "query": "-m services.query",
    "portal": "-m services.portal",
}
READY: Final = 120  # seconds that a cold start may take with two cores shared by everything
STOPPED: Final = 20  # seconds
PORTS: Final = 8


class Stack(NamedTuple):
    """A running system: where its data and mails lie, and the first of its ports (portal, intake, query, identity)."""

    home: Path
    port: int

    @property
    def portal(self) -> str:
        """Address of the pages."""
        return f"http://127.0.0.1:{self.port}"

    def children(self) -> dict[str, psutil.Process]:
        """The processes that the supervisor started, by name; it is the one who holds the lock of the home."""
        return children_of(int((self.home / "lock").read_text(encoding="ascii")))

    @contextmanager
    def intake(self, username: str) -> Iterator[httpx.Client]:
        """The write side, in somebody's name."""
        with self._client(username, self.port + 1) as client:
            yield client

    @contextmanager
    def query(self, username: str) -> Iterator[httpx.Client]:
        """The read side, in somebody's name."""
        with self._client(username, self.port + 2) as client:
            yield client

    def _client(self, username: str, port: int) -> httpx.Client:
        form = {"grant_type": "password", "username": username, "password": "demo"}
        answer = httpx.post(f"http://127.0.0.1:{self.port + 3}/token", data=form, timeout=30).raise_for_status()
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        return httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30)


class StackFailedError(RuntimeError):
    """The stack did not start or did not stop; the message has what it said."""


def children_of(supervisor: int) -> dict[str, psutil.Process]:
    """The processes that a supervisor started and that run at this moment, by name."""
    found = {}
    for child in psutil.Process(supervisor).children():
        try:
            line = " ".join(child.cmdline())
        except psutil.NoSuchProcess:  # died between the two questions, or not yet buried
            continue
        found[next((name for name, mark in MARKS.items() if mark in line), line)] = child
    return found


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Start the stack in a folder of its own; see `started`."""
    with tempfile.TemporaryDirectory(prefix="cecoia-e", ignore_cleanup_errors=True) as folder:
        stack = Stack(Path(folder) / "home", free_ports())
        with started(stack, {}):
            yield stack


@contextmanager
def started(stack: Stack, variables: Mapping[str, str]) -> Iterator[None]:
    """Start the stack, without the limits per person, wait until it answers, and stop it in the end.

    Args:
        stack: where.
        variables: what it gets beside the present environment.

    Raises:
        StackFailedError: it ended while starting, was not ready in time, or did not stop.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CECOIA_")}
    given = {"CECOIA_HOME": str(stack.home), "CECOIA_PORT": str(stack.port), "CECOIA_LIMITS": "off"}
    said = stack.home.with_name("said")
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.run"], env={**kept, **given, **variables}, stdout=output, stderr=output
        )
    try:
        _await_ready(process, stack, said)
        yield
    finally:
        _stop(process, stack, said)


def free_ports() -> int:
    """The first of eight neighbouring free ports of the loopback, below those that the kernel hands out by itself."""
    for first in range(18000 + os.getpid() % 1000 * PORTS, 32000, PORTS):
        taken: list[socket.socket] = []
        try:
            taken.extend(socket.create_server(("127.0.0.1", first + n)) for n in range(PORTS))
        except OSError:
            continue
        finally:
            for one in taken:
                one.close()
        return first
    raise StackFailedError("no eight neighbouring free ports")


def _await_ready(process: subprocess.Popen[bytes], stack: Stack, said: Path) -> None:
    end = time.monotonic() + READY
    while time.monotonic() < end:
        if process.poll() is not None:
            raise StackFailedError(f"ended while starting\n{_words(stack, said)}")
        if all(_is_ready(stack.port + offset) for offset in range(3)):
            return
        time.sleep(0.2)
    raise StackFailedError(f"not ready within {READY} s\n{_words(stack, said)}")


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready", timeout=2).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _words(stack: Stack, said: Path) -> str:
    """What the stack and each of its processes said last."""
    logs = sorted(stack.home.glob("log/*.log"))
    return "\n".join(f"── {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in (said, *logs))


def _stop(process: subprocess.Popen[bytes], stack: Stack, said: Path) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOPPED)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.wait()
        raise StackFailedError(f"did not stop within {STOPPED} s\n{_words(stack, said)}") from error
