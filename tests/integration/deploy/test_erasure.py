"""The whole system forgets a person: nothing of what they wrote or are called is left anywhere, and nothing else moves."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.mails import await_mail
from tests.support.stack import Stack, running_stack
from tests.support.traces import traces
from tests.support.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[3]
FORM = {
    "phone": "+33 1 99 00 99 87",
    "subject": "messagerie.acces",
    "availability": "Sentinelle des horaires",
    "urgency": "high",
    "description": "Sentinelle de la description",
}
SAID = ("sentinelle", "claire martin", "claire.martin", "33199009987", "33 1 99 00 99 87")


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running_stack() as running:
        yield running


def told(answer: httpx.Response) -> dict:
    assert answer.is_success, answer.text
    return answer.json()


def live(stack: Stack) -> tuple[str, str]:
    """An incident with everything that a person and the assistance can say about it; its number and a document."""
    with stack.intake("claire.martin") as claire, stack.intake("nadia.benali") as nadia:
        number = told(claire.post("/v1/incidents", json=FORM))["number"]
        told(claire.post(f"/v1/incidents/{number}/updates", json={"text": "Sentinelle du complément"}))
        files = [("file", ("Sentinelle du fichier.txt", b"Sentinelle du contenu"))]
        document = told(claire.post(f"/v1/incidents/{number}/documents", files=files))["documents"][0]["id"]
        told(claire.post("/v1/uploads", files=[("file", ("Sentinelle seule.txt", b"Sentinelle qui attend"))]))
        told(nadia.post(f"/v1/incidents/{number}/take", json={}))
        told(nadia.post(f"/v1/incidents/{number}/reply", json={"text": "Sentinelle de la réponse"}))
        await_mail(stack.home, "claire.martin@cecoia.example", number, "Création")
        await_mail(stack.home, "claire.martin@cecoia.example", number, "Réponse")
        told(nadia.post(f"/v1/incidents/{number}/resolve", json={"text": "Sentinelle de la solution"}))
        told(nadia.post(f"/v1/incidents/{number}/close", json={}))
        await_mail(stack.home, "claire.martin@cecoia.example", number, "Clôture")
    return number, document


def volumes(stack: Stack) -> list:
    with stack.query("sophie.durand") as sophie:
        return told(sophie.get("/v1/reports/volumes", params={"by": "subject,group,urgency"}))["rows"]


def searched(stack: Stack) -> int:
    with stack.query("nadia.benali") as nadia:
        return told(nadia.get("/v1/incidents", params={"scope": "all", "q": "sentinelle"}))["total"]


def detail(stack: Stack, number: str) -> Callable[[], bool]:
    def erased() -> bool:
        with stack.query("nadia.benali") as nadia:
            return told(nadia.get(f"/v1/incidents/{number}"))["description"] == "[donnée effacée]"

    return erased


def left(stack: Stack) -> set[str]:
    return asyncio.run(traces(stack.home, *SAID))


def soon_left(stack: Stack) -> set[str]:
    """What is left once the minute has passed in which documents go."""
    end = time.monotonic() + 90
    while (places := left(stack)) and time.monotonic() < end:
        time.sleep(0.5)
    return places


def command(stack: Stack, *line: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CECOIA_")}
    environment = kept | {"CECOIA_HOME": str(stack.home)}
    done = subprocess.run(
        [sys.executable, "-m", *line], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (line, done.stdout, done.stderr)
    return done.stdout


def test_nothing_is_left_of_a_person_and_nothing_else_moves(stack: Stack) -> None:
    number, document = live(stack)
    eventually(lambda: searched(stack) == 1)
    before = volumes(stack)
    places = {place.partition(" ")[0] for place in left(stack)}
    assert places == {"database", "documents"}, "what is looked for can be found"

    with stack.intake("sophie.durand") as sophie:
        body = {"number": number, "text": "Demande reçue le 6 novembre, dossier 12"}
        answer = sophie.post("/v1/people/erase", json=body, headers={"Idempotency-Key": "erase"})
        assert told(answer)["incidents"] == 1

    eventually(lambda: searched(stack) == 0)
    eventually(detail(stack, number))
    with stack.query("nadia.benali") as nadia:
        gone = nadia.get(f"/v1/incidents/{number}/documents/{document}")
        assert (gone.status_code, gone.json()["detail"]) == (410, "Ce document a été effacé.")
        history = nadia.get(f"/v1/incidents/{number}/history").text
        assert not any(word in history.lower() for word in SAID)
    assert soon_left(stack) == set()

    assert volumes(stack) == before
    for name in ("tracking", "facts"):
        assert command(stack, "services.query", "prove", name).endswith("\nequal\n")
    command(stack, "services.query", "rebuild", "tracking")
    assert left(stack) == set()
    assert "are as they were written" in command(stack, "shared.journal", "verify")

    with stack.intake("claire.martin") as claire:
        anew = told(claire.post("/v1/incidents", json=FORM))["number"]
    with stack.query("claire.martin") as claire:
        eventually(lambda: [one["number"] for one in told(claire.get("/v1/incidents"))["items"]] == [anew])
        assert claire.get(f"/v1/incidents/{number}").status_code == 404
        exported = told(claire.get("/v1/me/export"))
        assert [one["detail"]["number"] for one in exported["incidents"]] == [anew]
