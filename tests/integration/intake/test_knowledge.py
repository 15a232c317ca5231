"""Known errors over HTTP: published, linked, retired; and news: published, followed, withdrawn."""

import asyncio
from uuid import uuid4

import httpx
import pytest

from shared.events.incident import IncidentResolved, KnownErrorLinked
from shared.events.knowledge import KnownErrorPublished, KnownErrorRetired
from tests.support.intake import KNOWN_ERROR as ERROR
from tests.support.intake import NEWS


@pytest.fixture
def nadia(provider):
    return provider.bearer("nadia.benali")


@pytest.fixture
def published(client, nadia):
    """Publishes a known error and gives its number."""

    async def publish(**changes):
        answer = await client.post("/v1/known-errors", json=ERROR | changes, headers=nadia)
        assert answer.status_code == 201, answer.text
        return answer.json()["number"]

    return publish


async def test_it_is_published_with_a_number_of_its_own(client, nadia, history):
    answer = await client.post("/v1/known-errors", json=ERROR, headers=nadia)
    body = answer.json()
    assert answer.status_code == 201, answer.text
    assert (body["state"], body["state_label"], body["version"]) == ("open", "En cours", 1)
    assert body["number"].startswith("E")
    assert answer.headers["location"] == f"/v1/known-errors/{body['number']}"
    assert (answer.headers["etag"], bool(answer.headers["event-position"])) == ('"1"', True)
    (event,) = await history(body["number"])
    assert isinstance(event, KnownErrorPublished)
    assert (event.number, event.by.name, event.title) == (body["number"], "Nadia Benali", ERROR["title"])


async def test_each_bad_field_is_told(client, nadia):
    bad = {"title": "deux\nlignes", "symptoms": "", "subjects": ["messagerie.acces", "rien", "ancien"]}
    answer = await client.post("/v1/known-errors", json=bad, headers=nadia)
    fields = {error["field"] for error in answer.json()["errors"]}
    assert (answer.status_code, fields) == (422, {"title", "symptoms", "workaround", "subjects[1]", "subjects[2]"})
    nothing = await client.post("/v1/known-errors", json=ERROR | {"subjects": []}, headers=nadia)
    assert [error["field"] for error in nothing.json()["errors"]] == ["subjects"]


async def test_the_same_sending_publishes_once(client, nadia, history):
    keyed = nadia | {"Idempotency-Key": "k"}
    first, second = [await client.post("/v1/known-errors", json=ERROR, headers=keyed) for _ in range(2)]
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["idempotent-replayed"] == "true"
    other = await client.post("/v1/known-errors", json=ERROR | {"title": "Autre"}, headers=keyed)
    assert (other.status_code, other.json()["type"]) == (422, "urn:cecoia:problem:key-reused")
    unborn = await client.post("/v1/known-errors", json=ERROR, headers=nadia | {"If-Match": '"1"'})
    assert unborn.status_code == 412
    born = await client.post("/v1/known-errors", json=ERROR, headers=keyed | {"If-Match": '"1"'})
    assert (born.status_code, born.json()) == (201, first.json())
    assert len(await history(first.json()["number"])) == 1


async def test_it_is_retired_once(client, nadia, published, history):
    number = await published()
    path, said = f"/v1/known-errors/{number}/retire", {"text": "Serveur réparé."}
    moved = await client.post(path, json=said, headers=nadia | {"If-Match": '"2"'})
    assert moved.status_code == 412
    assert "publication" in moved.json()["detail"]
    keyed = nadia | {"Idempotency-Key": "k", "If-Match": '"1"'}
    first, second = [await client.post(path, json=said, headers=keyed) for _ in range(2)]
    assert (first.status_code, first.json()["state"], first.json()["version"]) == (201, "solved", 2)
    assert (second.status_code, second.json(), second.headers["idempotent-replayed"]) == (201, first.json(), "true")
    again = await client.post(path, json=said, headers=nadia)
    assert (again.status_code, again.json()["type"]) == (409, "urn:cecoia:problem:retired")
    retired = (await history(number))[1]
    assert isinstance(retired, KnownErrorRetired)
    assert (retired.number, retired.text, retired.solved) == (number, "Serveur réparé.", True)


async def test_what_has_another_number_is_no_known_error(client, nadia, created, published):
    incident, error = await created(), await published()
    for number in (incident, "E000101_0001", "rien"):
        answer = await client.post(f"/v1/known-errors/{number}/retire", json={"text": "Réparé."}, headers=nadia)
        assert answer.status_code == 404, number
    for command, body in [("take", {}), ("updates", {"text": "Voici."}), ("link", {"known_error": error})]:
        answer = await client.post(f"/v1/incidents/{error}/{command}", json=body, headers=nadia)
        assert answer.status_code == 404, command
    asked = await client.post(f"/v1/incidents/{incident}/link", json={"known_error": incident}, headers=nadia)
    assert (asked.status_code, asked.json()["errors"][0]["field"]) == (422, "known_error")


async def test_an_incident_is_linked_by_any_form_of_the_number(client, nadia, created, published, history):
    number, error = await created(), await published()
    spoken = error.replace("_0", "-").lower()
    keyed = nadia | {"Idempotency-Key": "k"}
    answers = [
        await client.post(f"/v1/incidents/{number}/link", json={"known_error": spoken}, headers=keyed) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert (await history(number))[-1].known_error == error
    twice = await client.post(f"/v1/incidents/{number}/link", json={"known_error": error}, headers=nadia)
    assert (twice.status_code, twice.json()["type"]) == (409, "urn:cecoia:problem:linked")
    await client.post(f"/v1/known-errors/{error}/retire", json={"text": "Réparé."}, headers=nadia)
    late = await client.post(f"/v1/incidents/{number}/link", json={"known_error": spoken}, headers=keyed)
    assert (late.status_code, late.headers["idempotent-replayed"]) == (201, "true")
    other = await client.post(f"/v1/incidents/{await created()}/link", json={"known_error": error}, headers=nadia)
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "known_error")


async def test_a_resolution_names_the_known_error_that_explains_it(client, nadia, created, published, history):
    number, error = await created(), await published()
    body = {"text": "Le serveur est réparé.", "known_error": error}
    answer = await client.post(f"/v1/incidents/{number}/resolve", json=body, headers=nadia)
    assert (answer.status_code, answer.json()["status"]) == (201, "resolved")
    linked, resolved = (await history(number))[-2:]
    assert isinstance(linked, KnownErrorLinked)
    assert isinstance(resolved, IncidentResolved)
    assert linked.known_error == resolved.known_error == error


@pytest.fixture
def news(client, nadia):
    """Publishes a news and gives its address."""

    async def publish(**changes):
        answer = await client.post("/v1/news", json=NEWS | changes, headers=nadia)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"]

    return publish


async def test_a_news_is_published_once(client, nadia):
    keyed = nadia | {"Idempotency-Key": "k"}
    first, second = [await client.post("/v1/news", json=NEWS, headers=keyed) for _ in range(2)]
    assert (first.status_code, second.json()) == (201, first.json())
    assert first.headers["location"] == f"/v1/news/{first.json()['id']}"
    assert (first.headers["etag"], second.headers["idempotent-replayed"]) == ('"1"', "true")
    bad = {"title": "", "subjects": ["rien"], "until": "2018-11-06T10:00:00+01:00"}
    fields = {error["field"] for error in (await client.post("/v1/news", json=bad, headers=nadia)).json()["errors"]}
    assert fields == {"title", "text", "subjects[0]", "until"}
    assert (await client.post("/v1/news", json={"title": "a", "text": "b"}, headers=nadia)).status_code == 201


async def test_a_news_is_withdrawn_once(client, nadia, news):
    address = f"{await news()}/withdraw"
    moved = await client.post(address, json={}, headers=nadia | {"If-Match": '"7"'})
    done = await client.post(address, json={"text": "Rétabli."}, headers=nadia | {"If-Match": '"1"'})
    again = await client.post(address, json={}, headers=nadia)
    assert [answer.status_code for answer in (moved, done, again)] == [412, 201, 409]
    assert done.json()["version"] == 2
    assert again.json()["type"] == "urn:cecoia:problem:withdrawn"


async def test_whom_it_concerns_follows_it_once(client, nadia, news, pool):
    address = await news()
    answers = [await client.post(f"{address}/follow", headers={"Idempotency-Key": key}) for key in ("a", "b")]
    answers.append(await client.post(f"{address}/follow", json={}))
    assert [answer.status_code for answer in answers] == [201] * 3
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, "true", "true"]
    assert answers[0].json() == answers[2].json()
    other = await client.post(f"{address}/follow", json={}, headers=nadia)
    assert (other.status_code, other.headers.get("idempotent-replayed")) == (201, None)
    assert await pool.fetchval("select count(*) from journal.events where type = 'NewsFollowed'") == 2
    moved = await client.post(f"{await news()}/follow", json={}, headers={"If-Match": '"2"'})
    assert moved.status_code == 412


async def test_a_whole_school_follows_at_once(news, address, provider):
    where = await news()
    async with httpx.AsyncClient(base_url=address) as client:
        answers = await asyncio.gather(
            *(client.post(f"{where}/follow", json={}, headers=provider.bearer(f"person.{n}")) for n in range(40))
        )
    assert {answer.status_code for answer in answers} == {201}


async def test_what_ended_or_never_was_is_not_followed(client, nadia, news, created):
    address = await news()
    await client.post(f"{address}/withdraw", json={}, headers=nadia)
    ended = await client.post(f"{address}/follow", json={})
    assert (ended.status_code, ended.json()["type"]) == (409, "urn:cecoia:problem:ended")
    for wrong in (f"/v1/news/{uuid4()}", "/v1/news/rien"):
        for command, who in (("follow", None), ("withdraw", nadia)):
            assert (await client.post(f"{wrong}/{command}", json={}, headers=who)).status_code == 404
