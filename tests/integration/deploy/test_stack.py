"""`make run`: the real stack starts, survives the death of each process, stops, and leaves nothing behind."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from shared.environment import run_env
from tests.integration.deploy.conftest import Running, Start
from tests.support.mails import await_mail
from tests.support.stack import MARKS
from tests.support.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[3]
FORM = {
    "phone": "01 23 45 67 89",
    "subject": "messagerie.acces",
    "availability": "le matin",
    "urgency": "normal",
    "description": "Ma messagerie ne s’ouvre plus.",
}


def create(running: Running) -> str:
    """Create an incident in the name of a requester; the number."""
    with running.stack.intake("claire.martin") as intake:
        answer = intake.post("/v1/incidents", json=FORM)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


def create_ended(running: Running) -> str:
    """The number of an incident of somebody else that expects nothing more."""
    with running.stack.intake("hugo.petit") as intake:
        number = intake.post("/v1/incidents", json=FORM).json()["number"]
        assert intake.post(f"/v1/incidents/{number}/cancel", json={"text": "Réglé"}).status_code == 201
    return str(number)


def everything_of(running: Running) -> list[psutil.Process]:
    return psutil.Process(running.process.pid).children(recursive=True)


def test_the_stack_lives_through_everything(start: Start) -> None:
    running = start()
    running.wait_ready()
    assert set(running.children()) == set(MARKS)
    assert run_env(running.stack.home)["CECOIA_PORTAL_URL"] == running.stack.portal
    first = create(running)
    await_mail(running.stack.home, "claire.martin@cecoia.example", first, seconds=60)

    for command in commands(create_ended(running)):
        run_command(running, command)
    for name in MARKS:
        kill_and_await_return(running, name)
    eventually(lambda: works(running))
    second = create(running)
    await_mail(running.stack.home, "claire.martin@cecoia.example", second, seconds=60)

    processes = everything_of(running)
    began = time.monotonic()
    running.process.terminate()
    assert running.wait_ended(20) == 0
    assert time.monotonic() - began < 10
    assert [process for process in processes if process.is_running()] == []
    assert not (running.stack.home / "run.env").exists()

    again = start()
    again.wait_ready()
    # the projector may not have followed the second one before it was told to stop
    eventually(lambda: {first, second} <= tracked(again))

    processes = everything_of(again)
    again.process.kill()
    again.wait_ended(5)
    _, left = psutil.wait_procs(processes, timeout=15)
    assert left == []

    third = start()
    third.wait_ready()
    third.process.terminate()
    assert third.wait_ended(20) == 0


def commands(number: str) -> list[str]:
    """What README shows an operator, about an incident of this number, and how it adds a subject."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8").replace("1181106_0230", number)
    shown = re.findall(r"^python -m (services|shared)([^#\n]*)", readme, re.MULTILINE)
    assert len(shown) >= 7
    return ["services.intake seed deploy/catalogue.toml", *("".join(words).strip() for words in shown)]


def run_command(running: Running, command: str) -> None:
    environment = os.environ | {"CECOIA_HOME": str(running.stack.home)}
    line = [sys.executable, "-m", *command.split()]
    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, (command, done.stdout, done.stderr)


def tracked(running: Running) -> set[str]:
    with running.stack.query("claire.martin") as query:
        return {item["number"] for item in query.get("/v1/incidents").json()["items"]}


def kill_and_await_return(running: Running, name: str) -> None:
    victim = running.children()[name]
    victim.kill()
    eventually(lambda: running.children().get(name, victim) != victim)
    eventually(lambda: any(line.startswith(f"cecoia: {name} ended (signal SIGKILL)") for line in running.said))


def works(running: Running) -> bool:
    try:
        return all(
            httpx.get(f"http://127.0.0.1:{running.stack.port + offset}/health/ready").status_code == httpx.codes.OK
            for offset in range(4)
        )
    except httpx.TransportError:
        return False


def test_a_second_start_in_the_same_home_is_refused_in_one_line(start: Start) -> None:
    running, second = start(), None
    eventually(lambda: any("starting in" in line for line in running.said))
    second = start()
    assert second.wait_ended(20) == 1
    [line] = second.said
    assert line.startswith("cecoia: already running in ")
    running.process.terminate()
    assert running.wait_ended(20) == 0
