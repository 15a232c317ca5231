"""Who is said to be at an incident, for how long, and to whom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest
from redis.asyncio import Redis

from services.portal.access.session import Session
from services.portal.agents import presence as module
from services.portal.agents.presence import LOOKS, WRITES, Presence, Someone, accompanied, is_number
from shared.events.vocabulary import Role

NUMBER = "1261124_0001"


def session(name: str, role: Role = Role.AGENT) -> Session:
    return Session(
        issuer="i",
        sub=name,
        name=name,
        email=None,
        roles=frozenset({role}),
        groups=frozenset(),
        csrf="",
        access_token="",
        refresh_token=None,
        id_token="",
        token_expires_at=0,
        ends_at=0,
    )


NADIA, SOPHIE, CLAIRE = session("Nadia Benali"), session("Sophie Durand"), session("Claire Martin", Role.REQUESTER)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def presence(redis_url: str, clock: Clock) -> AsyncIterator[Presence]:
    redis = Redis.from_url(redis_url, decode_responses=True)
    yield Presence(redis, clock)
    await redis.aclose()


async def test_others_are_seen_and_oneself_is_not(presence: Presence) -> None:
    assert await presence.look(NUMBER, NADIA) == []
    assert await presence.look(NUMBER, SOPHIE) == [Someone("Nadia Benali", writes=False)]
    assert await presence.others("1261124_0002", NADIA) == []


async def test_who_types_writes_for_a_while(presence: Presence, clock: Clock) -> None:
    await presence.look(NUMBER, SOPHIE)
    await presence.write(f"reply:{NUMBER}", SOPHIE)
    assert await presence.others(NUMBER, NADIA) == [Someone("Sophie Durand", writes=True)]
    clock.now += WRITES
    assert await presence.others(NUMBER, NADIA) == [Someone("Sophie Durand", writes=False)]
    clock.now += LOOKS
    assert await presence.others(NUMBER, NADIA) == []


async def test_who_leaves_is_gone(presence: Presence) -> None:
    await presence.look(NUMBER, SOPHIE)
    await presence.write(f"note:{NUMBER}", SOPHIE)
    await presence.leave(NUMBER, SOPHIE)
    assert await presence.others(NUMBER, NADIA) == []


@pytest.mark.parametrize(
    ("form", "person"),
    [(f"maj:{NUMBER}", CLAIRE), ("create", SOPHIE), (f"reply:{NUMBER}", None), (f"reply:{NUMBER}:x", SOPHIE)],
)
async def test_only_agents_at_an_incident_write(presence: Presence, form: str, person: Session | None) -> None:
    await presence.write(form, person)
    assert await presence.others(NUMBER, NADIA) == []


@pytest.mark.parametrize(("text", "good"), [(NUMBER, True), ("", False), ("1261124_1", False), ("*", False)])
def test_numbers(text: str, good: bool) -> None:
    assert is_number(text) is good


async def test_a_page_hears_who_comes_between_whole_events(presence: Presence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE", 0.01)
    told = asyncio.Event()

    async def events() -> AsyncIterator[bytes]:
        yield b"event: change\nda"
        await told.wait()
        yield b"ta: 1\n\n: still"
        yield b" here\n\n"

    heard = accompanied(events(), presence, NUMBER, NADIA)
    first = asyncio.create_task(anext(heard))
    while await presence.others(NUMBER, SOPHIE) == []:
        await asyncio.sleep(0)
    await asyncio.sleep(0.02)
    await presence.look(NUMBER, SOPHIE)
    assert await first == b"event: presence\ndata: {}\n\n"
    told.set()
    assert [event async for event in heard] == [b"event: change\ndata: 1\n\n", b": still here\n\n"]
    assert await presence.others(NUMBER, SOPHIE) == []


async def test_a_stream_that_breaks_ends(presence: Presence) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"data: 1\n\n"
        raise ConnectionError

    heard = accompanied(broken(), presence, NUMBER, NADIA)
    assert [event async for event in heard] == [b"data: 1\n\n"]


async def test_a_page_that_is_closed_leaves(presence: Presence) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for n in count():
            yield f"data: {n}\n\n".encode()
            await asyncio.sleep(0)

    heard = accompanied(endless(), presence, NUMBER, NADIA)
    await anext(heard)
    await heard.aclose()
    assert await presence.others(NUMBER, SOPHIE) == []
