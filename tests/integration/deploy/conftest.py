"""The real stack, started and killed by tests of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import psutil
import pytest

from tests.support.stack import Stack, children_of, free_ports


class Running:
    """A stack with the supervisor's process and words at hand."""

    def __init__(self, home: Path, port: int) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CECOIA_")}
        given = {"CECOIA_HOME": str(home), "CECOIA_PORT": str(port), "CECOIA_LIMITS": "off"}
        command = [sys.executable, "-m", "deploy.run"]
        self.stack = Stack(home, port)
        self.process = subprocess.Popen(
            command, env=kept | given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said: list[str] = []
        self._ready = threading.Event()
        assert self.process.stdout
        self._listener = threading.Thread(target=self._listen, args=[self.process.stdout])
        self._listener.start()

    def _listen(self, words: IO[str]) -> None:
        for line in words:
            self.said.append(line.rstrip())
            if "ready after" in line:
                self._ready.set()
        self._ready.set()

    def wait_ready(self, seconds: float = 110) -> None:
        assert self._ready.wait(seconds), self.said
        assert any("ready after" in line for line in self.said), self.said

    def wait_ended(self, seconds: float) -> int:
        code = self.process.wait(seconds)
        self._listener.join()
        return code

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._listener.join()
        assert self.process.stdout
        self.process.stdout.close()

    def children(self) -> dict[str, psutil.Process]:
        """The processes that the supervisor started, by name."""
        return children_of(self.process.pid)


Start = Callable[[], Running]


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a stack, and again in the same home; none is left in the end."""
    home = tmp_path_factory.mktemp("stack") / "home"
    port = free_ports()
    started: list[Running] = []

    def begin() -> Running:
        started.append(Running(home, port))
        return started[-1]

    yield begin
    for running in started:
        running.close()
