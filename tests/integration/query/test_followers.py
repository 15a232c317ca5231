"""Programs that follow the feed while many write and the wire is cut again and again: nothing skipped, nothing twice."""

import asyncio
import contextlib
import json
import random
import re
import socket
import threading
from pathlib import Path

import asyncpg
import httpx
import pytest

from services.query.feed import reading, streams
from services.query.feed.reading import History
from shared.events.catalogue import CannedTextRetired
from shared.events.vocabulary import Role
from shared.wakeups import Wakeups
from tests.integration.query.conftest import CATALOGUE
from tests.support.clipping import Clipping
from tests.support.waiting import until

GUIDE = Path(__file__).parents[3] / "docs" / "events.md"
WRITERS, ROUNDS = 8, 12
CUTS = 150
#: What is recorded last, so that readers know when to stop.
LAST = "CannedTextRetired"
SSE = {"Accept": "text/event-stream"}
LINES = {"Accept": "application/x-ndjson"}


def reporting(api, **options):
    return api.as_("entrepot", Role.REPORTING, **options)


def follow(*arguments, **options):
    """The reader that the documentation recommends, to the letter."""
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    exec(code, names)
    return names["follow"](*arguments, **options)


def followed(url, token):
    """All events up to the last one, by the reader of the guide."""
    for event in follow(f"{url}/v1/events", token, pause=0):
        yield event
        if event["type"] == LAST:
            return


def paged(url, token):
    """The same, page by page."""
    after, dice = "", random.Random(1)
    while True:
        with contextlib.suppress(httpx.TransportError):
            asked = {"after": after, "limit": dice.choice([2, 10, 100])}
            page = httpx.get(f"{url}/v1/events", params=asked, headers=bearer(token)).json()
            yield from page["items"]
            after = page["next"]
            if page["items"] and page["items"][-1]["type"] == LAST:
                return


def lined(url, token):
    """The same in lines; one that broke off does not count."""
    after = ""
    while True:
        with contextlib.suppress(httpx.TransportError):
            asked = {"after": after}
            with httpx.stream("GET", f"{url}/v1/events", params=asked, headers=bearer(token) | LINES) as answer:
                for line in answer.iter_lines():
                    event = json.loads(line)
                    after = event["position"]
                    yield event
                    if event["type"] == LAST:
                        return


def bearer(token):
    return {"Authorization": f"Bearer {token()}"}


async def recorded(pool):
    rows = await pool.fetch("select event_id from journal.events order by xid, position")
    return [str(row["event_id"]) for row in rows]


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("reader", [followed, paged, lined])
async def test_a_reader_that_is_cut_while_many_write_has_each_event_once(api, journal, reader, monkeypatch):
    monkeypatch.setattr(reading, "MOST", 100)
    client, dice, over = reporting(api), random.Random(1), threading.Event()

    def token():
        if over.is_set():
            raise TimeoutError
        return client.headers["authorization"].removeprefix("Bearer ")

    async with Clipping(str(client.base_url), lambda: dice.randint(200, 6000)).running() as wire:
        try:
            async with asyncio.timeout(120):
                following = asyncio.create_task(asyncio.to_thread(list, reader(wire.url, token)))
                for _ in range(ROUNDS):
                    await asyncio.gather(*(journal.story(1, seed=n) for n in range(WRITERS)))
                await until(lambda: wire.cuts >= CUTS, 100)
                wire.over = True
                await journal.add(CATALOGUE, CannedTextRetired(canned="fin"))
                seen = await following
        finally:
            over.set()
    assert [event["id"] for event in seen] == await recorded(journal.pool)
    assert wire.cuts >= CUTS


@contextlib.asynccontextmanager
async def streaming(client, query="", **headers):
    """The lines of an open stream; blank ones are left out."""
    async with client.stream("GET", f"/v1/events?{query}", headers=SSE | headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = answer.aiter_lines()
        assert await anext(told) == "retry: 2000"
        yield (line async for line in told if line)


async def next_event(lines):
    """Id and data of the next event."""
    async with asyncio.timeout(10):
        place, event = await anext(lines), await anext(lines)
    assert event.startswith("data: ")
    return place.removeprefix("id: "), json.loads(event.removeprefix("data: "))


async def head_of(client):
    return (await client.get("/v1/events?limit=1000")).json()["next"]


async def test_a_stream_tells_what_is_new_and_goes_on_after_any_event(api, journal):
    client = reporting(api)
    whole = (await client.get("/v1/events?limit=1000")).json()["items"]
    async with streaming(client) as lines:
        told = [await next_event(lines) for _ in whole]
        assert told == [(item["position"], item) for item in whole]
        _, outcome = await journal.create(await journal.person("claire"))
        place, created = await next_event(lines)
        assert (place, created["number"]) == (outcome.position.encode(), outcome.number)
    async with streaming(client, f"after={whole[0]['position']}", **{"Last-Event-ID": whole[-1]["position"]}) as lines:
        assert await next_event(lines) == (place, created)


async def test_a_stream_is_woken_and_does_not_wait_for_the_clock(api, journal, redis_url, monkeypatch):
    monkeypatch.setattr(streams, "POLL", 3600)
    client = reporting(api)
    async with Wakeups(redis_url) as wakeups, streaming(client, f"after={await head_of(client)}") as lines:
        await journal.create(await journal.person("claire"))
        coming = asyncio.create_task(next_event(lines))
        while not coming.done():
            wakeups.notify()
            await asyncio.wait({coming}, timeout=0.05)
        assert coming.result()[1]["type"] == "IncidentCreated"


async def test_many_rings_are_one_look(api, journal, redis_url, monkeypatch):
    """Each append rings, and there may be hundreds in a second."""
    monkeypatch.setattr(streams, "POLL", 3600)
    monkeypatch.setattr(streams, "BREATH", 0.5)
    read, looks, rings = History.read, [], 0

    async def counted(self, asked):
        looks.append(rings)
        return await read(self, asked)

    monkeypatch.setattr(History, "read", counted)
    client = reporting(api)
    async with Wakeups(redis_url) as wakeups, streaming(client, f"after={await head_of(client)}") as lines:
        before = len(looks)
        while len(looks) < before + 3:
            wakeups.notify()
            rings += 1
            await asyncio.sleep(0.01)
        assert rings > 20
        _, outcome = await journal.create(await journal.person("claire"))
        wakeups.notify()
        assert (await next_event(lines))[0] == outcome.position.encode()


async def test_a_silent_stream_says_how_far_it_looked(api, journal, monkeypatch):
    monkeypatch.setattr(streams, "HEARTBEAT", 0.02)
    monkeypatch.setattr(streams, "POLL", 0.02)
    _, outcome = await journal.create(await journal.person("claire"))
    client = reporting(api)
    async with streaming(client, "type=IncidentClosed") as lines:
        async for line in lines:
            if line.startswith("id: ") and line.removeprefix("id: ") == await head_of(client):
                break
            assert line == ": still here" or line.startswith("id: ")
    async with streaming(client, "type=IncidentClosed", **{"Last-Event-ID": line.removeprefix("id: ")}) as lines:
        assert await anext(lines) == ": still here"
    assert outcome.position.encode() < line


async def test_a_limit_ends_a_stream(api, journal):
    await journal.story(1)
    async with streaming(reporting(api), "limit=3") as lines:
        assert len([line async for line in lines if line.startswith("data")]) == 3


async def test_streams_end_with_the_token_and_when_the_service_stops(api, journal):
    async with asyncio.timeout(10):
        client = reporting(api, lasts=1)
        async with streaming(client) as lines:
            assert [line async for line in lines][-1].startswith("data")
        client = reporting(api)
        async with streaming(client, f"after={await head_of(client)}") as lines:
            api.app.state.context.streams.close()
            assert [line async for line in lines] == []
        assert (await client.get("/v1/events", headers=SSE)).status_code == 503


async def test_a_stream_outlives_a_database_that_was_away(api, journal, monkeypatch):
    client, read, failures = reporting(api), History.read, iter([ConnectionResetError, asyncpg.AdminShutdownError])

    async def once_more(self, asked):
        if error := next(failures, None):
            raise error
        return await read(self, asked)

    whole = (await client.get("/v1/events?limit=1000")).json()["items"]
    monkeypatch.setattr(History, "read", once_more)
    monkeypatch.setattr(streams, "POLL", 0.02)
    async with streaming(client) as lines:
        assert [(await next_event(lines))[1] for _ in whole] == whole


@pytest.mark.parametrize("form", ["application/json", "application/x-ndjson"])
async def test_what_has_an_end_is_not_begun_while_the_database_is_away(api, monkeypatch, form):
    async def read(_self, _asked):
        raise ConnectionResetError

    monkeypatch.setattr(History, "read", read)
    assert (await reporting(api).get("/v1/events", headers={"Accept": form})).status_code == 503


async def test_streams_are_counted(api, monkeypatch):
    monkeypatch.setattr(streams, "MOST_OPEN", 3)
    monkeypatch.setattr(streams, "MOST_OF_ONE", 2)
    client, other = reporting(api), api.as_("archives", Role.REPORTING)
    async with streaming(client), streaming(client):
        refused = await client.get("/v1/events", headers=LINES)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
        async with streaming(other):
            refused = await other.get("/v1/events", headers=SSE)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert (await client.get("/v1/events")).status_code == 200
    await until(lambda: not api.app.state.context.streams._open)
    assert (await client.get("/v1/events", headers=LINES)).status_code == 200


FAT = """
INSERT INTO journal.events (stream_id, version, event_id, type, schema, recorded_at, data, meta, chain)
SELECT gen_random_uuid(), 1, gen_random_uuid(), 'X', 1, now(), json_build_object('text', repeat('x', 20000)), '{}', ''
FROM generate_series(1, 2000)
"""


async def test_a_slow_reader_is_waited_for(api, journal, database_url, monkeypatch):
    """Of forty megabytes, no more is read than what the wire takes."""
    monkeypatch.setattr(reading, "MOST", 10)
    owner = await asyncpg.connect(database_url)
    await owner.execute(FAT)
    await owner.close()
    read, pages = History.read, []

    async def counted(self, asked):
        pages.append(asked.after)
        return await read(self, asked)

    monkeypatch.setattr(History, "read", counted)
    client = reporting(api)
    slow = socket.create_connection(("127.0.0.1", client.base_url.port))
    with slow:
        head = f"GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: {client.headers['authorization']}\r\n"
        slow.sendall(f"{head}Accept: text/event-stream\r\n\r\n".encode())
        await until(lambda: pages)
        while (before := len(pages)) < 200:
            await asyncio.sleep(0.3)
            if len(pages) == before:
                break
        assert len(pages) < 100
    await until(lambda: not api.app.state.context.streams._open)
