"""Sessions and drafts on a real Redis, with a clock of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from services.portal.access.session import ABSOLUTE, IDLE, Session, Sessions
from services.portal.drafts.store import Draft, Drafts, new_id
from services.portal.drafts.waiting import MOST, WaitingFiles
from shared.events.vocabulary import Role
from shared.wire.recorded import Document

PERSON, OTHER, BROWSER = "p" * 64, "o" * 64, "b" * 64


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        yield client


@pytest.fixture
def drafts(redis: Redis) -> Drafts:
    return Drafts(redis)


def session(clock: Clock) -> Session:
    return Session(
        issuer="i",
        sub="claire",
        name="Claire",
        email=None,
        roles=frozenset({Role.REQUESTER}),
        groups=frozenset(),
        csrf="c",
        access_token="a",
        refresh_token=None,
        id_token="i",
        token_expires_at=clock.now + 300,
        ends_at=clock.now + ABSOLUTE,
    )


def document(name: str = "a.png", sha256: str = "0" * 64) -> Document:
    return Document(id=uuid4(), filename=name, media_type="image/png", size=3, sha256=sha256)


async def test_a_session_is_kept_under_another_name_than_its_own(redis: Redis) -> None:
    clock = Clock()
    name = await Sessions(redis, clock).open(session(clock))
    assert len(name) >= 43
    keys = [key async for key in redis.scan_iter()]
    assert keys
    assert not any(name in key for key in keys)


async def test_a_session_ends_after_a_time_unused_and_in_any_case_after_a_day(redis: Redis) -> None:
    clock = Clock()
    sessions = Sessions(redis, clock)
    name = await sessions.open(session(clock))
    (key,) = [key async for key in redis.scan_iter("portal:session:*")]
    assert 0 < await redis.ttl(key) <= IDLE
    clock.now += ABSOLUTE - 60
    assert await sessions.load(name)
    assert await redis.ttl(key) <= 60
    clock.now += 61
    assert await sessions.load(name) is None
    assert await redis.exists(key) == 0


async def test_a_closed_session_is_not_brought_back_by_a_renewal(redis: Redis) -> None:
    clock = Clock()
    sessions = Sessions(redis, clock)
    name = await sessions.open(session(clock))
    await sessions.close(name)
    await sessions.renew(name, session(clock))
    assert await sessions.load(name) is None


async def test_only_one_request_renews_at_a_time(redis: Redis) -> None:
    sessions = Sessions(redis, Clock())
    assert [await sessions.refreshing("n") for _ in range(3)] == [True, False, False]


async def test_a_draft_belongs_to_its_owner(drafts: Drafts) -> None:
    name = new_id()
    await drafts.keep(PERSON, name, "create", {"phone": "12"}, now=1.0)
    await drafts.add_file(PERSON, name, "create", document(), now=2.0)
    kept = await drafts.load(PERSON, name)
    assert kept
    assert (kept.fields, kept.files[0].filename, kept.saved_at) == ({"phone": "12"}, "a.png", 2.0)
    assert await drafts.load(OTHER, name) is None


async def test_saving_and_attaching_at_once_lose_nothing(drafts: Drafts) -> None:
    name = new_id()
    files = [document(f"{n}.png", f"{n:064}") for n in range(8)]
    await asyncio.gather(
        *(drafts.add_file(PERSON, name, "create", file, now=float(n)) for n, file in enumerate(files)),
        *(drafts.keep(PERSON, name, "create", {f"field{n}": "x"}, now=9.0) for n in range(8)),
    )
    kept = await drafts.load(PERSON, name)
    assert kept
    assert [file.filename for file in kept.files] == [file.filename for file in files]
    assert len(kept.fields) == 8


async def test_a_draft_goes_from_a_browser_to_the_person_it_was_promised_to(drafts: Drafts) -> None:
    name = new_id()
    await drafts.promise(PERSON, name)
    await drafts.keep(BROWSER, name, "create", {"phone": "12"}, now=1.0)
    assert await drafts.hand_over(BROWSER, name, OTHER, now=2.0) is None
    handed = await drafts.hand_over(BROWSER, name, PERSON, now=2.0)
    assert handed
    assert handed.fields == {"phone": "12"}
    assert await drafts.load(BROWSER, name) is None


async def test_the_form_one_works_on_keeps_its_draft_until_it_is_sent(drafts: Drafts) -> None:
    first = await drafts.open(PERSON, "maj:1181106_0230")
    assert (await drafts.open(PERSON, "maj:1181106_0230")).id == first.id
    await drafts.keep(PERSON, first.id, first.form, {"text": "a"}, now=1.0)
    await drafts.mark_sent(PERSON, first, "1181106_0230")
    assert (await drafts.open(PERSON, "maj:1181106_0230")).id != first.id
    assert await drafts.sent(PERSON, first.id)
    assert await drafts.load(PERSON, first.id) is None


async def test_nothing_that_comes_late_brings_a_sent_draft_back(drafts: Drafts) -> None:
    first = await drafts.open(PERSON, "maj:1181106_0230")
    await drafts.keep(PERSON, first.id, first.form, {"text": "a"}, now=1.0)
    await drafts.mark_sent(PERSON, first, "1181106_0230")
    assert not await drafts.keep(PERSON, first.id, first.form, {"text": "a"}, now=2.0)
    assert not await drafts.add_file(PERSON, first.id, first.form, document(), now=2.0)
    assert await drafts.load(PERSON, first.id) is None
    assert await drafts.current(PERSON, first.form) is None


async def test_an_older_draft_comes_to_light_again(drafts: Drafts) -> None:
    older, newer, erased = new_id(), new_id(), new_id()
    await drafts.keep(PERSON, older, "create", {"phone": "12"}, now=1.0)
    await drafts.keep(PERSON, newer, "create", {"phone": "13"}, now=2.0)
    await drafts.keep(PERSON, erased, "create", {"phone": ""}, now=3.0)
    current = await drafts.current(PERSON, "create")
    assert current
    assert current.id == newer
    await drafts.mark_sent(PERSON, current, "1181106_0230")
    current = await drafts.current(PERSON, "create")
    assert current
    assert current.id == older


async def test_what_was_typed_into_a_sent_form_while_signed_out_is_a_draft_of_its_own(drafts: Drafts) -> None:
    first = await drafts.open(PERSON, "create")
    await drafts.keep(PERSON, first.id, "create", {"phone": "12"}, now=1.0)
    await drafts.mark_sent(PERSON, Draft(id=first.id, form="create", fields={"phone": "12"}), "1181106_0230")
    await drafts.keep(BROWSER, first.id, "create", {"phone": "13"}, now=2.0)
    handed = await drafts.hand_over(BROWSER, first.id, PERSON, now=3.0)
    assert handed
    assert handed.id != first.id
    assert handed.fields == {"phone": "13"}
    await drafts.keep(BROWSER, first.id, "create", {"phone": "12"}, now=4.0)
    assert await drafts.hand_over(BROWSER, first.id, PERSON, now=5.0) is None


async def test_one_sending_at_a_time(drafts: Drafts) -> None:
    running: list[int] = []

    async def send() -> None:
        async with drafts.sending(PERSON, "d"):
            running.append(1)
            assert len(running) == 1
            await asyncio.sleep(0.02)
            running.pop()

    await asyncio.gather(*(send() for _ in range(4)))


def test_words_are_compared_without_blanks_around_them() -> None:
    typed = Draft(id="a", form="create", fields={"text": "a ", "phone": ""})
    assert typed.words == Draft(id="b", form="create", fields={"text": "a"}).words
    assert typed.words != Draft(id="b", form="create", fields={"text": "b"}).words


async def _bytes(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def test_documents_wait_byte_for_byte_and_not_without_bound(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        waiting = WaitingFiles(redis)
        assert await waiting.keep(BROWSER, "d", "a.png", "image/png", _bytes(b"\xff\x00", b"\r\n"))
        assert not await waiting.keep(BROWSER, "d", "b.png", "image/png", _bytes(bytes(MOST // 2), bytes(MOST // 2)))
        (one,) = await waiting.listed(BROWSER, "d")
        assert b"".join([chunk async for chunk in waiting.chunks(one)]) == b"\xff\x00\r\n"
        await waiting.forget(BROWSER, "d", one)
        assert [key async for key in redis.scan_iter()] == []


async def test_a_document_that_is_too_big_or_cut_leaves_nothing_for_ever(redis_url: str) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield b"x"
        raise ConnectionError

    async with Redis.from_url(redis_url) as redis:
        waiting = WaitingFiles(redis)
        assert not await waiting.keep(BROWSER, "d", "a.png", "image/png", _bytes(bytes(MOST), b"x"))
        with pytest.raises(ConnectionError):
            await waiting.keep(BROWSER, "d", "b.png", "image/png", cut())
        assert [key async for key in redis.scan_iter() if await redis.ttl(key) < 0] == []
        assert await waiting.keep(BROWSER, "d", "c.png", "image/png", _bytes(b"x"))
