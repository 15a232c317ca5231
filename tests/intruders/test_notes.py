"""A note is for agents: its requester finds it nowhere, by no way of reading, nor any trace of it but a version."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import reduce
from typing import Any, Final

import httpx
import pytest

from shared import clock
from tests.intruders.conftest import House
from tests.intruders.test_contract import ENDLESS
from tests.intruders.test_roles import document_of, routes
from tests.support.intake import FORM

pytestmark = pytest.mark.slow

#: A word that stands in nothing else.
SECRET: Final = "coquecigrue"
TRACES: Final = (SECRET, "NoteAdded", "Note interne")
#: What is asked for in addition, where there is something to ask for.
QUESTIONS: Final = ("", f"?q={SECRET}", "?at={now}", "?status=open&sort=-updated_at")
REPORTER: Final = {"name": "Claire Martin", "email": "claire.martin@academie.example", "sub": "claire.martin"}


async def answers(house: House, actor: str, number: str, document: str) -> AsyncIterator[tuple[str, httpx.Response]]:
    """All that query answers somebody about anything, by the address that was asked."""
    values = {"number:str": number, "document:uuid": document, "group:str": "messagerie", "name:str": "volumes"}
    values["person:uuid"] = "00000000-0000-4000-8000-000000000000"
    for path, _ in routes(house.apps["query"]):
        if path.startswith("/v1/") and path != ENDLESS:
            known = reduce(lambda filled, name: filled.replace(f"{{{name}}}", values[name]), values, path)
            for question in QUESTIONS:
                address = known + question.replace("{now}", clock.now().isoformat())
                yield address, await house.ask("query", "GET", address, house.bearer(actor))


async def said(house: House, actor: str, number: str, command: str, **body: Any) -> httpx.Response:
    address = f"/v1/incidents/{number}/{command}"
    return (await house.ask("intake", "POST", address, house.bearer(actor), json=body)).raise_for_status()


async def row(house: House, number: str, position: str) -> dict[str, Any]:
    """The incident in the list of its requester, as soon as it shows a position."""
    headers = house.bearer("own") | {"Min-Event-Position": position}
    answer = await house.ask("query", "GET", "/v1/incidents", headers)
    (found,) = [item for item in answer.raise_for_status().json()["items"] if item["number"] == number]
    return found


async def test_the_requester_finds_a_note_nowhere(house: House) -> None:
    number = await house.incident()
    document = await document_of(house, number)
    taken = await said(house, "agent", number, "take")
    before = await row(house, number, taken.headers["Event-Position"])
    noted = await said(house, "agent", number, "note", text=f"Entre nous : {SECRET}.")
    after = await row(house, number, noted.headers["Event-Position"])
    assert after == before | {"version": before["version"] + 1}
    found = {
        actor: {
            address
            async for address, answer in answers(house, actor, number, document)
            if any(trace in answer.text for trace in TRACES)
        }
        for actor in ("own", "foreign", "agent")
    }
    page, history = f"/v1/incidents/{number}", f"/v1/incidents/{number}/history"
    assert found["own"] == found["foreign"] == set()
    assert {page, history} <= found["agent"]


async def test_reporting_learns_that_there_was_a_note_and_not_what_it_says(house: House) -> None:
    number = await house.incident()
    await said(house, "agent", number, "note", text=SECRET)
    feed = (await house.ask("query", "GET", "/v1/events?type=NoteAdded", house.bearer("reporting"))).json()
    assert [item["data"]["text"] for item in feed["items"]] == [None]


async def test_who_was_written_down_by_an_agent_finds_no_note_either(house: House) -> None:
    body = FORM | {"requester": REPORTER, "beneficiary": {"name": "Hugo Petit", "email": "hugo.petit@cecoia.example"}}
    created = await house.ask("intake", "POST", "/v1/incidents", house.bearer("agent"), json=body)
    number = created.raise_for_status().json()["number"]
    await said(house, "agent", number, "note", text=SECRET)
    pages = [await house.ask("query", "GET", f"/v1/incidents/{number}", house.bearer(who)) for who in ("own", "agent")]
    assert [(page.status_code, SECRET in page.text) for page in pages] == [(200, False), (200, True)]


async def test_the_version_of_the_requesters_page_holds(house: House) -> None:
    """A gap in the versions that somebody sees is no conflict."""
    number = await house.incident()
    await said(house, "agent", number, "note", text=SECRET)
    page = (await house.ask("query", "GET", f"/v1/incidents/{number}", house.bearer("own"))).json()
    headers = house.bearer("own") | {"If-Match": f'"{page["version"]}"'}
    for status in (201, 412):
        answer = await house.ask("intake", "POST", f"/v1/incidents/{number}/updates", headers, json={"text": "Encore."})
        assert answer.status_code == status


async def test_a_refused_note_says_nothing_of_itself(house: House) -> None:
    number = await house.incident()
    path = f"/v1/incidents/{number}/note"
    answer = await house.ask("intake", "POST", path, house.bearer("own"), json={"text": SECRET})
    assert (answer.status_code, SECRET in answer.text) == (403, False)
