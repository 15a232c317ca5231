"""Commands about an incident over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from httpx import AsyncClient

from services.intake.seed import seed
from shared.events.incident import IncidentResumed, IncidentTaken, IncidentUpdated, ReplySent
from shared.events.vocabulary import ClosedBy
from tests.support.intake import CATALOGUE, FORM


async def test_the_way_of_an_incident(client, provider, created, history):
    number = await created()
    agent = provider.bearer("nadia.benali")
    statuses = []
    for command, body in [
        ("take", {}),
        ("reply", {"text": "Quel message ?"}),
        ("release", {}),
        ("take", None),
        ("resolve", {"text": "Mot de passe réinitialisé."}),
        ("close", {}),
    ]:
        answer = await client.post(f"/v1/incidents/{number}/{command}", json=body, headers=agent)
        assert answer.status_code == 201, (command, answer.text)
        assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
        assert answer.headers["event-position"]
        statuses.append(answer.json()["status"])
    assert statuses == ["in_progress", "in_progress", "to_handle", "in_progress", "resolved", "closed"]
    events = await history(number)
    assert [type(event) for event in events[1:3]] == [IncidentTaken, ReplySent]
    assert events[2].text == "Quel message ?"


async def test_its_requester_refuses_confirms_and_opens_again(client, provider, created, history):
    number = await created()
    agent = provider.bearer("nadia.benali")
    statuses = []
    for command, body, who in [
        ("take", {}, agent),
        ("resolve", {"text": "Mot de passe réinitialisé."}, agent),
        ("refuse", {"text": "Toujours l’erreur 535."}, None),
        ("resolve", {"text": "Compte débloqué."}, agent),
        ("confirm", None, None),
        ("reopen", {"text": "L’erreur est revenue."}, None),
    ]:
        answer = await client.post(f"/v1/incidents/{number}/{command}", json=body, headers=who)
        assert answer.status_code == 201, (command, answer.text)
        statuses.append(answer.json()["status"])
    assert statuses == ["in_progress", "resolved", "in_progress", "resolved", "closed", "in_progress"]
    events = await history(number)
    refused, confirmed, reopened = events[3], events[5], events[6]
    assert (refused.reason, refused.responsible) == ("Toujours l’erreur 535.", events[1].by.id)
    assert (confirmed.by.name, confirmed.closed_by) == ("Claire Martin", ClosedBy.REQUESTER)
    assert (reopened.reason, reopened.responsible) == ("L’erreur est revenue.", events[1].by.id)


async def test_what_the_requester_says_is_sealed(client, provider, created, pool):
    number = await created()
    agent = provider.bearer("nadia.benali")
    for command, body, who in [
        ("resolve", {"text": "Fait."}, agent),
        ("refuse", {"text": "Parole de Claire"}, None),
        ("close", {}, agent),
        ("reopen", {"text": "Parole de Claire"}, None),
    ]:
        assert (await client.post(f"/v1/incidents/{number}/{command}", json=body, headers=who)).status_code == 201
    stored = await pool.fetch("SELECT data::text FROM journal.events WHERE type LIKE ANY('{%Refused,%Reopened}')")
    assert len(stored) == 2
    assert not [row for row in stored if "Parole" in row["data"] or "Martin" in row["data"]]


@pytest.mark.parametrize(("days", "status"), [(29, 201), (31, 409)])
async def test_it_is_opened_again_within_a_time_of_the_operators_choice(app_at, provider, days, status):
    present = datetime(2018, 11, 6, 9, 49, 49, tzinfo=UTC)
    async with app_at(lambda: present) as address, AsyncClient(base_url=address, headers=provider.bearer()) as client:
        number = (await client.post("/v1/incidents", json=FORM)).json()["number"]
        await client.post(f"/v1/incidents/{number}/close", json={}, headers=provider.bearer("nadia.benali"))
        present += timedelta(days=days)
        answer = await client.post(f"/v1/incidents/{number}/reopen", json={"text": "Revenu."})
    assert answer.status_code == status
    assert status == 201 or "créez un nouvel incident" in answer.json()["detail"]


async def test_an_update_changes_fields(client, created, history):
    number = await created()
    body = {
        "text": "Toujours rien.\r\nMerci",
        "phone": "06 12 34 56 78",
        "urgency": "critical",
        "availability": "Demain",
    }
    answer = await client.post(f"/v1/incidents/{number}/updates", json=body)
    assert answer.status_code == 201
    assert answer.json() == answer.json() | {"number": number, "version": 2, "status": "to_handle"}
    _, event = await history(number)
    assert isinstance(event, IncidentUpdated)
    assert (event.text, event.phone, event.urgency) == ("Toujours rien.\nMerci", "+33612345678", "critical")


@pytest.mark.parametrize("form", ["I{}", " {} ", "{}"])
async def test_numbers_are_forgiven(client, created, form):
    number = await created()
    spoken = form.format(number[1:] if form.startswith("I") else number).replace("_", "-")
    answer = await client.post(f"/v1/incidents/{spoken}/updates", json={"text": "x"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["number"] == number


@pytest.mark.parametrize("number", ["1181106_0001", "abc", "%00", "1"])
async def test_an_unknown_incident(client, number):
    answer = await client.post(f"/v1/incidents/{number}/updates", json={"text": "x"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_incident_of_somebody_else_does_not_exist(client, provider, created, incidents):
    number = await created()
    stranger = provider.bearer("hugo.petit")
    for command, body in [
        ("updates", {"text": "x"}),
        ("cancel", {"text": "x"}),
        ("confirm", {}),
        ("reopen", {"text": "x"}),
    ]:
        answer = await client.post(f"/v1/incidents/{number}/{command}", json=body, headers=stranger)
        unknown = await client.post(f"/v1/incidents/1181106_0001/{command}", json=body, headers=stranger)
        assert answer.status_code == 404
        assert answer.json() == unknown.json()
    files = [("file", ("a.txt", b"a"))]
    answer = await client.post(f"/v1/incidents/{number}/documents", files=files, headers=stranger)
    assert answer.status_code == 404
    assert await incidents() == 1


async def test_commands_that_are_not_built(client, provider, created):
    number = await created()
    for command in ("nonsense", "tak"):
        answer = await client.post(
            f"/v1/incidents/{number}/{command}", json={}, headers=provider.bearer("nadia.benali")
        )
        assert answer.status_code == 404
        assert "pas encore" in answer.json()["detail"]


async def test_a_requester_cannot_do_what_agents_do(client, created):
    number = await created()
    for command in ("take", "release", "reply", "resolve", "close"):
        for incident in (number, "1181106_0001"):
            answer = await client.post(f"/v1/incidents/{incident}/{command}", json={})
            assert (answer.status_code, answer.json()["detail"]) == (403, "Votre rôle ne permet pas cette action.")


@pytest.mark.parametrize("roles", [[], ["reporting"]])
async def test_nobody_writes_without_a_role_for_it(client, provider, created, incidents, roles):
    number = await created()
    nobody = provider.bearer("entrepot", roles=roles)
    for path in ("", f"/{number}/updates", f"/{number}/documents", f"/{number}/cancel", f"/{number}/take"):
        assert (await client.post(f"/v1/incidents{path}", json=FORM, headers=nobody)).status_code == 403, path
    assert (await client.post("/v1/uploads", headers=nobody)).status_code == 403
    assert await incidents() == 1


async def test_what_is_not_possible_in_this_state(client, created):
    number = await created()
    assert (await client.post(f"/v1/incidents/{number}/cancel", json={"text": "Réglé"})).status_code == 201
    answer = await client.post(f"/v1/incidents/{number}/updates", json={"text": "x"})
    assert answer.status_code == 409
    assert "Annulé" in answer.json()["detail"]


async def test_a_version_that_moved(client, created, incidents):
    number = await created()
    path = f"/v1/incidents/{number}/updates"
    assert (await client.post(path, json={"text": "a"}, headers={"If-Match": '"1"'})).status_code == 201
    moved = await client.post(path, json={"text": "b"}, headers={"If-Match": '"1"'})
    assert moved.status_code == 412
    assert (await client.post(path, json={"text": "b"}, headers={"If-Match": '"2"'})).status_code == 201
    assert (await client.post(path, json={"text": "b"}, headers={"If-Match": "x"})).status_code == 422
    assert await incidents() == 3


async def test_a_replayed_command_answers_as_the_first_time(client, provider, created, incidents):
    number = await created()
    agent = provider.bearer("nadia.benali") | {"Idempotency-Key": "r"}
    path = f"/v1/incidents/{number}/resolve"
    first = await client.post(path, json={"text": "Fait"}, headers=agent)
    await client.post(f"/v1/incidents/{number}/close", json={}, headers=provider.bearer("nadia.benali"))
    again = await client.post(path, json={"text": "Fait"}, headers=agent | {"If-Match": '"1"'})
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["event-position"] == first.headers["event-position"]
    other = await client.post(path, json={"text": "Autre"}, headers=agent)
    assert other.status_code == 422
    assert await incidents() == 3


async def test_commands_that_race_are_all_recorded(client, created, incidents):
    number = await created()
    path = f"/v1/incidents/{number}/updates"
    answers = await asyncio.gather(*(client.post(path, json={"text": str(n)}) for n in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answer.json()["version"] for answer in answers) == [2, 3, 4, 5, 6]


async def test_two_agents_who_take_at_once(client, provider, created):
    number = await created()
    path = f"/v1/incidents/{number}/take"
    headers = [provider.bearer(sub) for sub in ("nadia.benali", "lucas.morel")]
    answers = await asyncio.gather(*(client.post(path, json={}, headers=header) for header in headers))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_an_update_of_nothing(client, created, incidents):
    number = await created()
    for body in ({}, {"uploads": []}, {"text": None}):
        answer = await client.post(f"/v1/incidents/{number}/updates", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "text"
    assert await incidents() == 1


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["group"]),
        ({"group": None, "subject": None}, ["group"]),
        ({"group": "reseau", "subject": "messagerie.envoi"}, ["group"]),
        ({"group": "nulle-part"}, ["group"]),
        ({"subject": "rien"}, ["subject"]),
        ({"subject": "ancien"}, ["subject"]),
        ({"group": 3, "text": ""}, ["group", "text"]),
    ],
)
async def test_a_transfer_that_leads_nowhere(client, provider, created, body, fields):
    answer = await client.post(
        f"/v1/incidents/{await created()}/transfer", json=body, headers=provider.bearer("nadia.benali")
    )
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == fields


async def test_a_transfer_waits_for_the_routing(client, provider, created):
    path = f"/v1/incidents/{await created()}/transfer"
    answer = await client.post(path, json={"group": "reseau"}, headers=provider.bearer("nadia.benali"))
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "not-routed")


async def test_a_transfer_is_answered_again_after_its_subject_was_retired(client, provider, settings, app):
    number = (await client.post("/v1/incidents", json=FORM)).json()["number"]
    agent = provider.bearer("nadia.benali") | {"Idempotency-Key": "k"}
    await client.post(f"/v1/incidents/{number}/take", headers=provider.bearer("nadia.benali"))
    path, body = f"/v1/incidents/{number}/transfer", {"subject": "messagerie.envoi"}
    first = await client.post(path, json=body, headers=agent)
    assert first.status_code == 201, first.text
    await seed(settings, CATALOGUE.replace("messagerie.envoi", "messagerie.autre"))
    app.state.desk.catalogue._due = 0
    again = await client.post(path, json=body, headers=agent)
    assert (again.status_code, again.headers.get("idempotent-replayed")) == (201, "true")
    assert (await client.post(path, json=body, headers=agent | {"Idempotency-Key": "l"})).status_code == 422


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["reason"]),
        ({"reason": "tired"}, ["reason"]),
        ({"reason": "date"}, ["until"]),
        ({"reason": "date", "until": None}, ["until"]),
        ({"reason": "date", "until": "2026-12-01"}, ["until"]),
        ({"reason": "date", "until": "2026-12-01T08:00:00"}, ["until"]),
        ({"reason": "date", "until": -DAY}, ["until"]),
        ({"reason": "requester", "until": 367 * DAY, "text": ""}, ["text", "until"]),
    ],
)
async def test_a_hold_that_cannot_be(client, provider, created, body, fields):
    body = {name: _from_now(value) if isinstance(value, timedelta) else value for name, value in body.items()}
    agent = provider.bearer("nadia.benali")
    number = await created()
    await client.post(f"/v1/incidents/{number}/take", headers=agent)
    answer = await client.post(f"/v1/incidents/{number}/hold", json=body, headers=agent)
    assert answer.status_code == 422
    assert sorted(error["field"] for error in answer.json()["errors"]) == fields


async def test_a_hold_is_answered_again_after_its_end(client, provider, created, app):
    agent = provider.bearer("nadia.benali") | {"Idempotency-Key": "k"}
    number = await created()
    await client.post(f"/v1/incidents/{number}/take", headers=agent)
    path, body = f"/v1/incidents/{number}/hold", {"reason": "date", "until": _from_now(DAY)}
    assert (await client.post(path, json=body, headers=agent)).json()["status"] == "on_hold"
    desk = app.state.desk
    app.state.desk = msgspec.structs.replace(desk, now=lambda: desk.now() + 2 * DAY)
    again = await client.post(path, json=body, headers=agent)
    assert (again.status_code, again.headers.get("idempotent-replayed")) == (201, "true")


async def test_the_answer_and_the_end_of_the_hold_are_recorded_in_one_go(client, provider, created, history):
    agent = provider.bearer("nadia.benali")
    number = await created()
    await client.post(f"/v1/incidents/{number}/take", headers=agent)
    await client.post(f"/v1/incidents/{number}/hold", json={"reason": "requester"}, headers=agent)
    key = {"Idempotency-Key": "k"}
    answers = [
        await client.post(f"/v1/incidents/{number}/updates", json={"text": "Le poste 12"}, headers=key)
        for _ in range(2)
    ]
    assert [(one.json()["version"], one.json()["status"]) for one in answers] == [(5, "in_progress")] * 2
    assert [type(event) for event in (await history(number))[3:]] == [IncidentUpdated, IncidentResumed]


def _from_now(time):
    return (datetime.now(UTC) + time).isoformat()
