"""The example program as its owner runs it: processes of its own, one killed in the middle, another that goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from tests.support.stack import Stack
from tests.support.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

FORM = {
    "phone": "01 23 45 67 89",
    "subject": "poste.logiciel",
    "availability": "le matin",
    "urgency": "normal",
    "description": "Il me faudrait un logiciel de cartographie.",
}


class Gate(ThreadingHTTPServer):
    """Stands before intake and passes everything on, but for replies: who sends one waits for ever."""

    daemon_threads = True

    def __init__(self, intake: str) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.intake = intake
        self.reply_asked = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}"


class Passing(BaseHTTPRequestHandler):
    server: Gate

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.endswith("/reply"):
            self.server.reply_asked.set()
            threading.Event().wait()
        kept = {name: self.headers[name] for name in ("Authorization", "Content-Type", "Idempotency-Key")}
        answer = httpx.post(self.server.intake + self.path, content=body, headers=kept, timeout=30)
        self.send_response(answer.status_code)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def gate(intake: str) -> Iterator[Gate]:
    with Gate(intake) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def program(stack: Stack, log: Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CECOIA_")}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.robot", "--every", "1"],
            env=kept | {"CECOIA_HOME": str(stack.home)} | variables,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def create(stack: Stack, **changed: str) -> str:
    with stack.intake("hugo.petit") as intake:
        answer = intake.post("/v1/incidents", json=FORM | changed)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


def send(stack: Stack, number: str, command: str, body: dict[str, str]) -> None:
    with stack.intake("hugo.petit") as intake:
        intake.post(f"/v1/incidents/{number}/{command}", json=body).raise_for_status()


def told(stack: Stack, number: str) -> Counter[str]:
    """How often each event stands in an incident."""
    with stack.query("sophie.durand") as query:
        history = query.get(f"/v1/incidents/{number}/history").raise_for_status().json()
    return Counter(item["type"] for item in history["items"])


def status(stack: Stack, number: str) -> str:
    with stack.query("sophie.durand") as query:
        return str(query.get(f"/v1/incidents/{number}").raise_for_status().json()["status"])


def test_killed_between_taking_and_answering_another_answers_once(stack: Stack, tmp_path: Path) -> None:
    log = tmp_path / "log"
    critical, other = create(stack, urgency="critical"), create(stack, subject="poste.impression")
    with gate(f"http://127.0.0.1:{stack.port + 1}") as before, program(stack, log, CECOIA_INTAKE_URL=before.url) as one:
        first = create(stack)
        assert before.reply_asked.wait(60), log.read_text()
        one.kill()
        one.wait()
    eventually(lambda: status(stack, first) == "in_progress")
    assert told(stack, first)["ReplySent"] == 0

    with program(stack, log) as another, program(stack, log) as third:
        more = [create(stack) for _ in range(3)]
        resolved = {"resolved"}  # what a dead program held is offered anew after a minute only
        eventually(lambda: {status(stack, number) for number in (first, *more)} == resolved, seconds=150)

        send(stack, first, "refuse", {"text": "Le Centre logiciel ne s’ouvre pas."})
        eventually(lambda: status(stack, first) == "to_handle", seconds=150)
        for process in (another, third):
            process.terminate()
        assert (another.wait(15), third.wait(15)) == (0, 0), log.read_text()

    for number in (first, *more):
        events = told(stack, number)
        assert [events[name] for name in ("IncidentTaken", "ReplySent", "IncidentResolved")] == [1, 1, 1], number
    assert [told(stack, first)[name] for name in ("NoteAdded", "IncidentReleased")] == [1, 1]
    assert [told(stack, number)["IncidentTaken"] for number in (critical, other)] == [0, 0]
    assert "Traceback" not in log.read_text()
