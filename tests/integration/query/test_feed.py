"""The event feed: each event once, however often the reader is cut, and nothing personal."""

import asyncio
import json

import pytest

from services.query.feed import reading
from shared.events import incident
from shared.events.vocabulary import Role


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


async def test_a_feed_cut_hundreds_of_times_under_load_gives_each_event_once(api, journal):
    client = reader(api)
    seen, cuts, after = [], 0, ""

    async def write():
        await asyncio.gather(*(journal.story(4, seed=n) for n in range(8)))

    writing = asyncio.create_task(write())
    while True:
        over = writing.done()
        page = (await client.get("/v1/events", params={"after": after, "limit": 1 + cuts % 3})).json()
        cuts += 1
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if over and not page["items"]:
            break
    await writing
    stored = {str(row["event_id"]) for row in await journal.pool.fetch("select event_id from journal.events")}
    assert len(seen) == len(set(seen))
    assert set(seen) == stored
    assert cuts > 80


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


@pytest.mark.parametrize("roles", [(Role.REQUESTER,), (Role.AGENT,)])
async def test_the_feed_is_for_reporting(api, roles):
    assert (await api.as_("x", *roles).get("/v1/events")).status_code == 403


async def test_bad_parameters_are_all_named(api):
    answer = await reader(api).get("/v1/events", params={"after": "x", "type": "Nothing", "limit": "1001"})
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"after", "type", "limit"}
    for after in ("OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTkuMQ", "LTEuMQ"):
        assert (await reader(api).get("/v1/events", params={"after": after})).status_code == 422
