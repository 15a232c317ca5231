"""The event feed: each event once, however often the reader is cut, and nothing personal."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from services.query.feed import reading
from shared.events import before, incident
from shared.events.registry import EVENTS
from shared.events.vocabulary import Role
from shared.events.webhook import WebhookRegistered


def reader(api):
    return api.as_("entrepot", Role.REPORTING)


async def everything(client, **params):
    """Follow `next` to the head."""
    items, after = [], ""
    while True:
        page = (await client.get("/v1/events", params={"after": after, **params})).json()
        items += page["items"]
        after = page["next"]
        if not page["more"]:
            return items, after


async def test_the_feed_gives_each_event_once_and_its_cursor_lasts(api, journal):
    await journal.story(10)
    client = reader(api)
    items, head = await everything(client, limit=7)
    stored = await journal.pool.fetch("select event_id from journal.events order by xid, position")
    assert [item["id"] for item in items] == [str(row["event_id"]) for row in stored]
    assert (await client.get("/v1/events", params={"after": head})).json()["items"] == []
    _, outcome = await journal.create(await journal.person("claire"))
    page = (await client.get("/v1/events", params={"after": head})).json()
    assert [item["number"] for item in page["items"]] == [outcome.number]


async def test_nothing_personal_leaves(api, journal):
    claire = await journal.person("claire", "Claire Martin")
    stream, _ = await journal.create(claire, "Mon secret")
    await journal.add(stream, incident.IncidentUpdated(by=claire, text="Encore"), owner=claire.id)
    items, _ = await everything(reader(api))
    text = json.dumps(items)
    for secret in ("Claire", "Martin", "secret", "Encore", "sealed.", "+33199001234", "claire@"):
        assert secret not in text
    created = next(item for item in items if item["type"] == "IncidentCreated")
    assert created["data"]["requester"] == {"id": str(claire.id), "name": None, "email": None}
    assert created["data"]["description"] is None
    assert created["data"]["subject"] == "messagerie.acces"
    catalogue = next(item for item in items if item["type"] == "GroupDefined")
    assert catalogue["number"] is None


async def test_a_filtered_feed_moves_past_what_it_leaves_out(api, journal):
    await journal.story(5)
    client = reader(api)
    items, head = await everything(client, type="IncidentTaken,IncidentResolved", limit=2)
    assert {item["type"] for item in items} <= {"IncidentTaken", "IncidentResolved"}
    wanted = await journal.pool.fetchval(
        "select count(*) from journal.events where type in ('IncidentTaken', 'IncidentResolved')"
    )
    assert len(items) == wanted
    unread = (await client.get("/v1/events", params={"after": head})).json()["items"]
    assert unread == []


async def test_a_filtered_feed_looks_at_a_bounded_number_of_events(api, journal, monkeypatch):
    monkeypatch.setattr(reading, "EXAMINED", 3)
    await journal.story(5)
    client = reader(api)
    items, _ = await everything(client, type="IncidentReleased")
    wanted = await journal.pool.fetchval("select count(*) from journal.events where type = 'IncidentReleased'")
    assert len(items) == wanted
    first = (await client.get("/v1/events", params={"type": "IncidentReleased"})).json()
    assert (first["items"], first["more"]) == ([], True)
    headers = {"Accept": "application/x-ndjson"}
    lines = (await client.get("/v1/events", params={"type": "IncidentReleased"}, headers=headers)).text
    assert [json.loads(line) for line in lines.splitlines()] == items


async def test_lines_stream_to_the_head_and_resume_after_any_of_them(api, journal):
    await journal.story(10)
    client = reader(api)
    lines = {"Accept": "application/x-ndjson"}
    answer = await client.get("/v1/events", headers=lines)
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    items = [json.loads(line) for line in answer.text.splitlines()]
    whole, _ = await everything(client)
    assert items == whole
    rest = await client.get("/v1/events", headers=lines, params={"after": items[4]["position"]})
    assert [json.loads(line) for line in rest.text.splitlines()] == whole[5:]
    few = await client.get("/v1/events", headers=lines, params={"limit": 3})
    assert len(few.text.splitlines()) == 3


async def test_a_stream_read_in_part_and_cut_can_be_resumed(api, journal):
    await journal.story(30)
    client = reader(api)
    whole, _ = await everything(client, limit=1000)
    seen, after = [], ""
    while len(seen) < len(whole):
        async with client.stream(
            "GET", "/v1/events", params={"after": after}, headers={"Accept": "application/x-ndjson"}
        ) as answer:
            async for line in answer.aiter_lines():
                seen.append(json.loads(line))
                after = seen[-1]["position"]
                if len(seen) % 17 == 0:
                    break
    assert seen == whole


async def test_what_was_recorded_in_a_period(api, journal):
    claire = await journal.person("claire")
    stream, _ = await journal.create(claire, at=datetime(2026, 10, 24, 21, 59, tzinfo=UTC))
    for hour in (24, 48, 49):  # the day on which clocks go back has 25 hours
        at = datetime(2026, 10, 24, 22, tzinfo=UTC) + timedelta(hours=hour)
        await journal.add(stream, incident.IncidentRouted(group="reseau", rule="x", why="y"), at=at)
    client = reader(api)
    for asked, versions in {
        "from=2026-10-25&to=2026-10-25": [2],
        "from=2026-10-26&to=2026-10-26": [3],
        "to=2026-10-24": [1],
        "from=2026-10-26T22:00:00Z&to=2026-10-26T23:00:00Z": [3],
        "from=2026-10-25&to=2026-10-27&type=IncidentRouted": [2, 3, 4],
    }.items():
        items = (await client.get(f"/v1/events?{asked}")).json()["items"]
        assert [item["version"] for item in items if item["stream"] == str(stream)] == versions, asked


async def test_personal_texts_are_for_who_asks_and_may(api, journal, erase):
    claire, hugo = await journal.person("claire", "Claire Martin"), await journal.person("hugo", "Hugo Petit")
    for person in (claire, hugo):
        await journal.create(person, "Mon secret")
    await erase(hugo)
    _, last = await journal.create(hugo, "Encore")
    may = api.as_("archives", Role.REPORTING, Role.PERSONAL)
    plain, _ = await everything(may)
    assert {item["data"]["description"] for item in plain if item["type"] == "IncidentCreated"} == {None}
    items, _ = await everything(may, personal="true")
    created = [item["data"] for item in items if item["type"] == "IncidentCreated"]
    assert [data["description"] for data in created] == ["Mon secret", None, None]
    assert created[0]["requester"] == {"id": str(claire.id), "name": "Claire Martin", "email": "claire@cecoia.example"}
    assert created[1]["requester"] == created[2]["requester"] == {"id": str(hugo.id), "name": None, "email": None}
    assert [item | {"data": None} for item in items] == [item | {"data": None} for item in plain]
    assert items[-1]["position"] == last.position.encode()


async def test_a_personal_feed_gives_old_versions_as_they_were_written(api, journal):
    claire = await journal.person("claire")
    old = before.IncidentResolved(by=claire, text="Réparé")
    stream, _ = await journal.create(claire)
    await journal.add(stream, old, owner=claire.id)
    items, _ = await everything(api.as_("archives", Role.SUPERVISOR, Role.PERSONAL), personal="true")
    assert items[-1]["data"] == msgspec.to_builtins(old)


async def test_the_address_of_a_webhook_is_for_nobody(api, journal):
    sophie, webhook = await journal.person("sophie", "Sophie Durand"), uuid4()
    registered = WebhookRegistered(
        webhook=webhook, by=sophie, url="https://x.example/in", secret="whsec_x", types=["IncidentTaken"]
    )
    await journal.add(webhook, registered, owner=sophie.id)
    items, _ = await everything(api.as_("archives", Role.REPORTING, Role.PERSONAL), personal="true")
    data = items[-1]["data"]
    assert (data["url"], data["secret"], data["by"]["name"]) == (None, None, None)


async def test_what_is_given_is_what_the_schemas_beside_it_say(api, journal):
    await journal.story(5)
    client = api.as_("archives", Role.REPORTING, Role.PERSONAL)
    items, _ = await everything(client)
    opened, _ = await everything(client, personal="true")
    described = (await client.get("/v1/events/asyncapi.json")).json()
    registry = Registry().with_resource("urn:described", Resource(described, DRAFT7))
    schemas = {item["name"]: (await client.get(item["url"])).json() for item in await listed(client)}
    for item in items + opened:
        name = item["data"]["type"]
        Draft202012Validator(schemas[name], format_checker=FormatChecker()).validate(item["data"])
        payload = {"$ref": f"urn:described#/components/messages/{name}/payload"}
        Draft7Validator(payload, registry=registry, format_checker=FormatChecker()).validate(item)


async def listed(client):
    return (await client.get("/v1/events/schemas")).json()["items"]


async def test_every_version_has_an_address(api):
    items = await listed(reader(api))
    assert len(items) == len(EVENTS)
    assert [item["version"] for item in items if item["type"] == "IncidentCreated"] == [1, 2]
    answer = await reader(api).get(items[0]["url"])
    assert answer.json()["$id"] == f"cecoia:event:{items[0]['name']}"
    assert answer.headers["content-type"] == "application/schema+json"
    assert (await reader(api).get("/v1/events/schemas/Nothing.1")).status_code == 404


@pytest.mark.parametrize(
    "roles", [(Role.REPORTING,), (Role.SUPERVISOR,), (Role.PERSONAL,), (Role.PERSONAL, Role.AGENT)]
)
@pytest.mark.parametrize("form", ["application/json", "application/x-ndjson", "text/event-stream"])
async def test_personal_texts_need_two_roles(api, roles, form):
    answer = await api.as_("x", *roles).get("/v1/events?personal=true", headers={"Accept": form})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:cecoia:problem:role")


@pytest.mark.parametrize("roles", [(Role.REQUESTER,), (Role.AGENT,)])
async def test_the_feed_is_for_reporting(api, roles):
    assert (await api.as_("x", *roles).get("/v1/events")).status_code == 403


BAD = {"after": "x", "type": "Nothing", "limit": "1001", "from": "hier", "to": "demain", "personal": "peut-être"}


async def test_bad_parameters_are_all_named(api):
    answer = await reader(api).get("/v1/events", params=BAD)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == set(BAD)
    for after in ("OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkuMQ", "LTEuMQ"):
        assert (await reader(api).get("/v1/events", params={"after": after})).status_code == 422
