"""Live changes reach whom they concern; readers that must see their own write wait for it."""

import asyncio
import json
import math
import time

import asyncpg
import pytest
from redis.asyncio import Redis

from services.query import changes
from services.query.projections.registry import PROJECTIONS
from shared.events import incident
from shared.events.vocabulary import Role
from shared.http.identity import Caller
from tests.integration.query.conftest import built

CALLER = Caller(sub="", name="", email=None, roles=frozenset(), groups=frozenset(), expires_at=math.inf)


class Spoken:
    """A Redis whose subscription stands when the test says so."""

    def __init__(self):
        self.spoken = asyncio.Queue()

    async def subscribe(self, _channel, *, lapse):
        while await self.spoken.get():
            yield lapse


async def heard(client, count=1):
    """The next changes of a stream, once it stands."""
    async with client.stream("GET", "/v1/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        found = []
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                found.append(json.loads(line[6:]))
            if len(found) == count:
                return found
    return found


async def listening(api, count):
    hub = api.app.state.context.hub
    async with asyncio.timeout(10):
        while len(hub._listeners) < count:
            await asyncio.sleep(0.01)


async def test_a_note_changes_nothing_for_the_requester(api, journal, projected):
    claire, nadia = await journal.person("claire"), await journal.person("nadia")
    stream, outcome = await journal.create(claire)
    outcome = await journal.add(stream, incident.IncidentTaken(by=nadia, group="messagerie"))
    await projected(outcome.position)
    agent = api.as_("nadia", Role.AGENT, groups=("messagerie",))
    asking, answering = [asyncio.create_task(heard(client)) for client in (api.as_("claire"), agent)]
    await listening(api, 2)
    await journal.add(stream, incident.NoteAdded(by=nadia, text="Entre nous"), owner=claire.id)
    assert [change["version"] for change in await answering] == [3]
    await journal.add(stream, incident.ReplySent(by=nadia, text="Bonjour"), owner=claire.id)
    assert [change["version"] for change in await asking] == [4]


async def test_changes_reach_whom_they_concern(api, journal, projected):
    claire = await journal.person("claire")
    stream, outcome = await journal.create(claire)
    await projected(outcome.position)
    readers = [
        asyncio.create_task(heard(client))
        for client in (
            api.as_("claire"),
            api.as_("nadia", Role.AGENT, groups=("messagerie",)),
            api.as_("sophie", Role.SUPERVISOR),
        )
    ]
    others = [
        asyncio.create_task(heard(client))
        for client in (api.as_("hugo"), api.as_("lucas", Role.AGENT, groups=("reseau",)))
    ]
    await listening(api, 5)
    await journal.add(stream, incident.IncidentRouted(group="messagerie", rule="subject", why="objet"))
    expected = {"number": outcome.number, "version": 2, "status": "to_handle", "group": "messagerie"}
    async with asyncio.timeout(10):
        assert await asyncio.gather(*readers) == [[expected]] * 3
        stream, theirs = await journal.create(await journal.person("hugo"))
        await journal.add(stream, incident.IncidentRouted(group="reseau", rule="subject", why="objet"))
        first = await asyncio.gather(*others)
    assert [change["number"] for (change,) in first] == [theirs.number] * 2


async def test_the_group_that_lost_an_incident_is_told(api, journal, projected):
    claire = await journal.person("claire")
    stream, _ = await journal.create(claire)
    last = await journal.add(stream, incident.IncidentRouted(group="messagerie", rule="subject", why="objet"))
    await projected(last.position)
    reader = asyncio.create_task(heard(api.as_("nadia", Role.AGENT, groups=("messagerie",))))
    await listening(api, 1)
    await journal.add(stream, incident.IncidentRouted(group="reseau", rule="subject", why="objet"))
    async with asyncio.timeout(10):
        assert (await reader)[0]["group"] == "reseau"


async def test_streams_end_when_the_service_stops(api):
    reader = asyncio.create_task(heard(api.as_("claire")))
    await listening(api, 1)
    api.app.state.context.hub.close()
    async with asyncio.timeout(3):
        assert await reader == []


async def test_streams_end_once_messages_may_have_been_missed(api, journal, projected, redis_url):
    claire = await journal.person("claire")
    stream, outcome = await journal.create(claire)
    await projected(outcome.position)
    reader = asyncio.create_task(heard(api.as_("claire")))
    await listening(api, 1)
    async with Redis.from_url(redis_url) as redis:
        assert await redis.client_kill_filter(_type="pubsub") > 0
    async with asyncio.timeout(10):
        assert await reader == []
    again = asyncio.create_task(heard(api.as_("claire")))
    await listening(api, 1)
    await journal.add(stream, incident.IncidentRouted(group="reseau", rule="subject", why="objet"))
    async with asyncio.timeout(10):
        assert (await again)[0]["version"] == 2


async def test_who_listened_before_the_subscription_stood_is_sent_back():
    messages = Spoken()
    hub = changes.Hub(messages)
    async with hub.running():
        reading = asyncio.create_task(anext(hub.events(changes.Viewer(None, CALLER))))
        await reading
        (listener,) = hub._listeners
        assert not hub.heard.is_set()
        messages.spoken.put_nowait("now")
        await hub.heard.wait()
        assert [event async for event in listener.events(lasts=60)] == [b"retry: 2000\n\n"]


async def test_a_stream_ends_with_the_token_that_opened_it(api):
    assert changes.HEARTBEAT > 10
    async with asyncio.timeout(10):
        assert await heard(api.as_("claire", lasts=0.3)) == []


async def test_a_silent_stream_says_that_it_is_alive(api):
    viewer = changes.Viewer(None, None)
    listener = changes.Listener(viewer)
    said = [event async for event in listener.events(heartbeat=0.01, lasts=0.05)]
    assert b": still here\n\n" in said


async def test_a_reader_far_behind_keeps_the_newest(api, journal):
    claire = await journal.person("claire")
    listener = changes.Listener(changes.Viewer(claire.id, None))
    for n in range(1000):
        change = changes.Change(number=str(n % 300), version=n, status="to_handle", group=None)
        listener.offer(changes.Touched(change, frozenset({claire.id}), frozenset()))
    said = [event async for event in listener.events(heartbeat=0.1, lasts=0.1) if event.startswith(b"event")]
    assert len(said) == 200
    assert b'"version":999' in said[-1]


async def test_a_reader_sees_their_own_write(api, journal, projected):
    claire = await journal.person("claire")
    await projected((await journal.create(claire))[1].position)
    client = api.as_("claire")
    for count in range(2, 7):
        _, outcome = await journal.create(claire)
        headers = {"Min-Event-Position": outcome.position.encode()}
        answer = await client.get("/v1/incidents", headers=headers)
        assert outcome.number in [item["number"] for item in answer.json()["items"]]
        events = await api.as_("sophie", Role.REPORTING).get("/v1/events?limit=1000", headers=headers)
        assert outcome.number in [item["number"] for item in events.json()["items"]]
        report = await api.as_("sophie", Role.REPORTING).get(
            "/v1/reports/volumes?by=&from=2026-11-06&to=2026-11-06", headers=headers
        )
        assert report.json()["rows"] == [[count, 0, 0, 0]]


PROJECTED = ("/v1/incidents", "/v1/queues", "/v1/queues/messagerie", "/v1/subjects", "/v1/reports/volumes")


async def test_a_reader_whose_write_is_not_projected_is_asked_to_come_back(api, journal, query_pool):
    for projection in PROJECTIONS.values():
        await built(query_pool, projection)
    _, outcome = await journal.create(await journal.person("claire"))
    client, headers = api.as_("sophie", Role.SUPERVISOR), {"Min-Event-Position": outcome.position.encode()}
    started = time.monotonic()
    answers = await asyncio.gather(*(client.get(path, headers=headers) for path in PROJECTED))
    assert [answer.status_code for answer in answers] == [503] * len(PROJECTED)
    assert {answer.headers["retry-after"] for answer in answers} == {"1"}
    assert 1.9 < time.monotonic() - started < 6
    assert [(await client.get(path)).status_code for path in PROJECTED] == [200] * len(PROJECTED)


@pytest.mark.parametrize(
    "path", ["/v1/incidents", "/v1/subjects", "/v1/incidents/1261106_0001", "/v1/incidents/1261106_0001/history"]
)
async def test_a_bad_position_is_refused(api, path):
    answer = await api.as_("claire").get(path, headers={"Min-Event-Position": "!"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Min-Event-Position"


async def test_the_read_side_cannot_write_the_journal(query_pool):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await query_pool.execute("delete from journal.events")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await query_pool.execute("create schema tracking_99")
