"""The machine is lost after the backup: another home takes its place, with everything that was there at the backup."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.deploy.conftest import Running, Start
from tests.integration.deploy.test_stack import create, eventually
from tests.support.mails import await_mail

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[3]


def command(home: Path, *line: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CECOIA_")}
    environment["CECOIA_HOME"] = str(home)
    done = subprocess.run(
        [sys.executable, "-m", *line], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (line, done.stdout, done.stderr)
    return done.stdout


@contextmanager
def creating(running: Running) -> Iterator[list[str]]:
    """Somebody creates incidents all the time; the numbers that were answered."""
    numbers, stop = list[str](), threading.Event()

    def work() -> None:
        while not stop.wait(0.1):
            numbers.append(create(running))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        eventually(lambda: len(numbers) > 2)
        yield numbers
    finally:
        stop.set()
        thread.join()


def listed(running: Running) -> set[str]:
    with running.stack.query("claire.martin") as query:
        answer = query.get("/v1/incidents", params={"limit": 100})
    return {item["number"] for item in answer.json()["items"]} if answer.is_success else set()


def feed(running: Running, after: str | None = None) -> tuple[list[str], str]:
    """Ids of the events behind a cursor, and where the next ones will be."""
    with running.stack.query("sophie.durand") as query:
        parameters = {"after": after, "limit": 100} if after else {"limit": 100}
        answer = query.get("/v1/events", params=parameters).raise_for_status().json()
    return [item["id"] for item in answer["items"]], answer["next"]


def attach(running: Running, number: str, content: bytes) -> str:
    with running.stack.intake("claire.martin") as intake:
        files = {"file": ("capture.txt", content, "text/plain")}
        answer = intake.post(f"/v1/incidents/{number}/documents", files=files).raise_for_status()
    return str(answer.json()["documents"][0]["id"])


def test_another_home_takes_its_place(start: Start, tmp_path: Path) -> None:
    running = start()
    running.wait_ready()
    first = create(running)
    document = attach(running, first, b"ce que je vois")
    await_mail(running.stack.home, "claire.martin@cecoia.example", first, seconds=60)
    known, cursor = feed(running)
    with creating(running) as meanwhile:
        before = {first, *meanwhile}
        command(running.stack.home, "deploy.backup", str(tmp_path / "today"))
    lost = create(running)
    _, beyond = feed(running)
    running.process.terminate()
    assert running.wait_ended(20) == 0

    home = tmp_path / "home"
    assert "documents, keys" in command(home, "deploy.restore", str(tmp_path / "today"))
    again = Running(home, running.stack.port)
    try:
        again.wait_ready()
        eventually(lambda: before <= listed(again))
        assert lost not in listed(again)
        with again.stack.query("claire.martin") as query:
            found = query.get(f"/v1/incidents/{first}/documents/{document}").raise_for_status()
        assert found.content == b"ce que je vois"

        later, _ = feed(again, cursor)
        assert later
        assert not set(later) & set(known)
        new = create(again)
        assert new not in {*before, lost}
        await_mail(home, "claire.martin@cecoia.example", new, seconds=60)
        eventually(lambda: bool(feed(again, beyond)[0]))
        assert "are as they were sealed" in command(home, "shared.journal", "verify")
    finally:
        again.close()
