"""Recording an incident over HTTP."""

import asyncio
import re

import pytest

from shared.events.incident import DocumentAttached, IncidentCreated
from shared.events.vocabulary import Origin
from tests.support.intake import FORM


async def test_an_incident_is_recorded(client, history):
    answer = await client.post("/v1/incidents", json=FORM)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert re.fullmatch(r"1\d{6}_\d{4,}", body["number"])
    assert (body["version"], body["status"]) == (1, "to_handle")
    assert answer.headers["location"] == f"/v1/incidents/{body['number']}"
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["event-position"]
    assert "idempotent-replayed" not in answer.headers
    (event,) = await history(body["number"])
    assert isinstance(event, IncidentCreated)
    assert event.phone == "+33144556677"
    assert event.requester.name == event.recorded_by.name == "Claire Martin"
    assert (event.number, event.origin) == (body["number"], Origin.PORTAL)


async def test_a_program_comes_through_its_own_door(client, provider, history):
    program = provider.bearer("robot-postes", email=None, roles=["agent"])
    answers = [
        await client.post("/v1/incidents", json=FORM | extra, headers=program) for extra in ({}, {"origin": "phone"})
    ]
    events = [(await history(answer.json()["number"]))[0] for answer in answers]
    assert [event.origin for event in events] == [Origin.API, Origin.PHONE]


async def test_the_same_key_and_body_again_give_the_same_answer(client, incidents):
    key = {"Idempotency-Key": "brouillon-1"}
    first = await client.post("/v1/incidents", json=FORM, headers=key)
    again = await client.post("/v1/incidents", json=FORM, headers=key)
    assert again.status_code == first.status_code == 201
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["event-position"] == first.headers["event-position"]
    assert await incidents() == 1


async def test_a_double_click_makes_one_incident(client, incidents):
    key = {"Idempotency-Key": "double-clic"}
    answers = await asyncio.gather(*(client.post("/v1/incidents", json=FORM, headers=key) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert await incidents() == 1


async def test_another_body_under_the_same_key_is_refused(client, incidents):
    key = {"Idempotency-Key": "k"}
    await client.post("/v1/incidents", json=FORM, headers=key)
    again = await client.post("/v1/incidents", json=FORM | {"urgency": "low"}, headers=key)
    assert again.status_code == 422
    assert again.json()["type"] == "urn:cecoia:problem:key-reused"
    assert await incidents() == 1


async def test_what_does_not_exist_has_no_version(client, incidents):
    asked = {"If-Match": '"3"', "Idempotency-Key": "k"}
    refused = await client.post("/v1/incidents", json=FORM, headers=asked)
    assert (refused.status_code, refused.json()["type"]) == (412, "urn:cecoia:problem:version")
    assert await incidents() == 0
    first = await client.post("/v1/incidents", json=FORM, headers={"Idempotency-Key": "k"})
    again = await client.post("/v1/incidents", json=FORM, headers=asked)
    assert (again.status_code, again.json()) == (201, first.json())


async def test_the_same_key_of_somebody_else_is_another_key(client, provider, incidents):
    key = {"Idempotency-Key": "k"}
    first = await client.post("/v1/incidents", json=FORM, headers=key)
    other = await client.post("/v1/incidents", json=FORM, headers=key | provider.bearer("hugo.petit"))
    assert other.status_code == 201
    assert other.json()["number"] != first.json()["number"]
    assert await incidents() == 2


async def test_many_at_once_all_get_their_own(client, incidents):
    count = 25  # below the limit of a person
    answers = await asyncio.gather(*(client.post("/v1/incidents", json=FORM) for _ in range(count)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["number"] for answer in answers}) == count
    assert await incidents() == count


async def test_too_many_of_one_person_have_to_wait(client, provider, incidents):
    answers = [await client.post("/v1/incidents", json=FORM) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [201] * 30 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert await incidents() == 30
    other = await client.post("/v1/incidents", json=FORM, headers=provider.bearer("hugo.petit"))
    assert other.status_code == 201


async def test_an_agent_records_for_somebody_who_calls(client, provider, history):
    form = FORM | {"requester": {"sub": "claire.martin", "name": "Claire Martin"}, "origin": "phone"}
    answer = await client.post("/v1/incidents", json=form, headers=provider.bearer("nadia.benali"))
    assert answer.status_code == 201, answer.text
    (event,) = await history(answer.json()["number"])
    assert (event.requester.name, event.recorded_by.name, event.origin) == ("Claire Martin", "Nadia Benali", "phone")
    mine = await client.post(f"/v1/incidents/{answer.json()['number']}/updates", json={"text": "Merci"})
    assert mine.status_code == 201


async def test_an_account_that_an_agent_types_gets_nobodys_address(client, provider, history):
    """Claire's address stays Claire's, whatever account an agent names beside it."""
    named = {"sub": "hugo.petit", "name": "Hugo Petit", "email": "claire.martin@academie.example"}
    claires = (await client.post("/v1/incidents", json=FORM)).json()["number"]
    hugos = await client.post(
        "/v1/incidents", json=FORM | {"requester": named}, headers=provider.bearer("nadia.benali")
    )
    by_address = FORM | {"beneficiary": {"name": "Claire", "email": named["email"]}}
    third = await client.post("/v1/incidents", json=by_address, headers=provider.bearer("nadia.benali"))
    (of_claire,), (of_hugo,), (for_claire,) = [
        await history(number) for number in (claires, hugos.json()["number"], third.json()["number"])
    ]
    assert of_hugo.requester.id != of_claire.requester.id
    assert for_claire.beneficiary.id == of_claire.requester.id


@pytest.mark.parametrize(
    "extra", [{"requester": {"sub": "hugo.petit", "name": "Hugo Petit"}}, {"origin": "phone"}, {"origin": "email"}]
)
async def test_only_agents_record_for_others(client, incidents, extra):
    answer = await client.post("/v1/incidents", json=FORM | extra)
    assert answer.status_code == 403
    assert await incidents() == 0


async def test_naming_oneself_is_nothing_special(client, history):
    form = FORM | {"requester": {"sub": "claire.martin", "name": "Claire"}, "origin": "portal"}
    answer = await client.post("/v1/incidents", json=form)
    assert answer.status_code == 201
    (event,) = await history(answer.json()["number"])
    assert event.requester.name == "Claire Martin"


async def test_the_beneficiary_may_add_to_it(client, provider, history):
    form = FORM | {"beneficiary": {"name": "Hugo Petit", "email": "hugo.petit@academie.example"}}
    number = (await client.post("/v1/incidents", json=form)).json()["number"]
    answer = await client.post(
        f"/v1/incidents/{number}/updates", json={"text": "Moi aussi"}, headers=provider.bearer("hugo.petit")
    )
    assert answer.status_code == 201, answer.text
    created, updated = await history(number)
    assert created.beneficiary.id == updated.by.id


async def test_uploads_come_with_it(client, history):
    kept = await client.post("/v1/uploads", files=[("file", ("écran.png", b"\x89PNG\r\n\x1a\n123"))])
    assert kept.status_code == 201, kept.text
    (upload,) = kept.json()["uploads"]
    key = {"Idempotency-Key": "avec-document"}
    answer = await client.post("/v1/incidents", json=FORM | {"uploads": [upload["id"]]}, headers=key)
    assert answer.status_code == 201, answer.text
    assert answer.json()["version"] == 2
    again = await client.post("/v1/incidents", json=FORM | {"uploads": [upload["id"]]}, headers=key)
    assert again.json() == answer.json()
    _, event = await history(answer.json()["number"])
    assert isinstance(event, DocumentAttached)
    assert (str(event.document), event.filename, event.media_type) == (upload["id"], "écran.png", "image/png")


async def test_a_replay_does_not_need_its_uploads_any_more(client, app, incidents):
    kept = await client.post("/v1/uploads", files=[("file", ("a.txt", b"a"))])
    form = FORM | {"uploads": [kept.json()["uploads"][0]["id"]]}
    key = {"Idempotency-Key": "k"}
    first = await client.post("/v1/incidents", json=form, headers=key)
    store = app.state.desk.store
    for path in [path async for path, _ in store.names("uploads/")]:
        await store.delete(path)
    again = await client.post("/v1/incidents", json=form, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert await incidents() == 2


async def test_an_upload_of_somebody_else_is_unknown(client, provider, incidents):
    kept = await client.post("/v1/uploads", files=[("file", ("a.txt", b"a"))], headers=provider.bearer("hugo.petit"))
    form = FORM | {"uploads": [kept.json()["uploads"][0]["id"]], "phone": "1"}
    answer = await client.post("/v1/incidents", json=form)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"uploads", "phone"}
    assert await incidents() == 0
