import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NoReturn
from uuid import UUID, uuid4

import asyncpg
import pytest

from shared.database import Connection, Pool, connect_pool
from shared.journal.append import append
from shared.journal.follow import Follower, Handle
from shared.journal.read import JournalRestoredError, checkpoint, read_page
from shared.journal.records import START, Recorded
from shared.journal.sealing import Vault
from shared.wakeups import Wakeups
from tests.support.history import FROM_ELSEWHERE, command, routed
from tests.support.wire_cutter import WireCutter


@pytest.fixture
async def wakeups(redis_url: str) -> AsyncIterator[Wakeups]:
    async with Wakeups(redis_url) as bell:
        yield bell


class Seen:
    """Remembers what was committed, and can be waited for."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []
        self.changed = asyncio.Event()

    async def __call__(self, page: list[Recorded]) -> None:
        self.events += page
        self.changed.set()

    async def until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def following(
    pool: Pool, bell: Wakeups, seen: Seen, handle: Handle | None = None, *, page: int = 1000, poll: float = 0.05
) -> AsyncIterator[asyncio.Task[NoReturn]]:
    """Follow for a while; what was committed is what was seen."""

    async def nothing(_: Connection, __: list[Recorded]) -> None:
        """Nothing to do inside."""

    follower = Follower(pool, Vault(pool), "tests", bell, page=page, poll=poll)
    task = asyncio.create_task(follower.run(handle or nothing, seen))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_nothing_skipped_nothing_twice_in_order_under_32_writers(
    database_url: str, reader_pool: Pool, wakeups: Wakeups, vault: Vault
) -> None:
    """Writers append to several streams at once, hold transactions open and roll back, while somebody reads along."""
    seen, written = Seen(), set[UUID]()
    streams = [uuid4() for _ in range(40)]
    writers = await connect_pool(database_url, "cecoia_notifier", name="tests writers", size=32)

    async def write(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(25):
            chosen = dice.sample(streams, dice.randint(1, 3))
            commands = [command(*[routed()] * dice.randint(1, 3), stream_id=stream) for stream in chosen]
            async with writers.acquire() as connection:
                transaction = connection.transaction()
                await transaction.start()
                await append(connection, commands, vault)
                if dice.random() < 0.3:
                    await asyncio.sleep(dice.random() / 50)
                if dice.random() < 0.1:
                    await transaction.rollback()
                    continue
                await transaction.commit()
            written.update(new.event_id for one in commands for new in one.events)

    async with following(reader_pool, wakeups, seen, page=50, poll=0.01):
        await asyncio.gather(*(write(seed) for seed in range(32)))
        await seen.until(lambda: len(seen.events) >= len(written))
    await writers.close()

    ids = [event.event_id for event in seen.events]
    assert len(ids) == len(set(ids)), "something came twice"
    assert set(ids) == written
    versions: dict[UUID, list[int]] = defaultdict(list)
    for event in seen.events:
        versions[event.stream_id].append(event.version)
    for stream in versions.values():
        assert stream == list(range(1, len(stream) + 1))
    assert [event.position for event in seen.events] == sorted(event.position for event in seen.events)


async def test_a_wake_up_is_faster_than_the_clock(
    reader_pool: Pool, connection: Connection, wakeups: Wakeups, vault: Vault, redis_url: str
) -> None:
    seen = Seen()
    async with Wakeups(redis_url) as bell, following(reader_pool, wakeups, seen, poll=60):
        for expected in (1, 2, 3):
            await append(connection, [command(routed())], vault)
            bell.notify()
            await seen.until(lambda wanted=expected: len(seen.events) == wanted, seconds=20)


async def test_the_clock_is_enough(
    reader_pool: Pool, connection: Connection, vault: Vault, servers_folder: Path
) -> None:
    seen = Seen()
    async with Wakeups(f"unix://{servers_folder}/nobody.sock?db=0") as deaf, following(reader_pool, deaf, seen):
        await append(connection, [command(routed())], vault)
        await seen.until(lambda: len(seen.events) == 1)


async def test_what_failed_comes_again_with_nothing_lost(
    reader_pool: Pool, connection: Connection, wakeups: Wakeups, vault: Vault
) -> None:
    seen, tries = Seen(), list[int]()

    async def handle(inside: Connection, page: list[Recorded]) -> None:
        tries.append(len(page))
        if len(tries) == 1:
            await inside.execute("SELECT 1 / 0")

    await append(connection, [command(routed(), routed())], vault)
    async with following(reader_pool, wakeups, seen, handle):
        await seen.until(lambda: len(seen.events) == 2)
    assert tries == [2, 2]


async def test_a_mistake_in_the_handler_is_not_hidden(
    reader_pool: Pool, connection: Connection, wakeups: Wakeups, vault: Vault
) -> None:
    async def handle(_: Connection, __: list[Recorded]) -> None:
        raise KeyError("mistake")

    await append(connection, [command(routed())], vault)
    async with following(reader_pool, wakeups, Seen(), handle) as task:
        with pytest.raises(KeyError, match="mistake"):
            await task
    assert await checkpoint(connection, "tests") == START


async def test_goes_on_where_it_stopped(
    reader_pool: Pool, connection: Connection, wakeups: Wakeups, vault: Vault
) -> None:
    for _ in range(2):
        await append(connection, [command(routed())], vault)
        seen = Seen()
        async with following(reader_pool, wakeups, seen):
            await seen.until(lambda found=seen: len(found.events) == 1)
    everything = await read_page(connection, START)
    assert len(everything) == 2
    assert await checkpoint(connection, "tests") == everything[-1].position


async def test_one_leads_and_another_takes_over(
    pool: Pool, database_url: str, wakeups: Wakeups, vault: Vault, redis_url: str
) -> None:
    first, second = Seen(), Seen()

    async def write() -> None:
        async with pool.acquire() as connection:
            await append(connection, [command(routed())], vault)

    async with (
        Wakeups(redis_url) as bell,
        asyncpg.create_pool(database_url, max_size=2, min_size=0) as pools,
        asyncpg.create_pool(database_url, max_size=2, min_size=0) as others,
        AsyncExitStack() as leading,
    ):
        await leading.enter_async_context(following(pools, wakeups, first))
        await write()
        await first.until(lambda: len(first.events) == 1)
        async with following(others, bell, second):
            await write()
            await first.until(lambda: len(first.events) == 2)
            assert second.events == []

            await leading.aclose()
            await write()
            await second.until(lambda: len(second.events) == 1)


async def test_survives_its_connections(
    database_url: str, connection: Connection, wakeups: Wakeups, vault: Vault
) -> None:
    async with WireCutter(database_url).running() as wire:
        through = await connect_pool(wire.url, "cecoia_query", name="tests cut", size=2)
        seen = Seen()
        async with following(through, wakeups, seen):
            for expected in (1, 2, 3):
                await append(connection, [command(routed())], vault)
                await seen.until(lambda wanted=expected: len(seen.events) == wanted)
                wire.cut()
        await through.close()


async def test_stops_at_once(reader_pool: Pool, connection: Connection, wakeups: Wakeups, vault: Vault) -> None:
    seen = Seen()
    await append(connection, [command(routed())], vault)
    async with asyncio.timeout(20):
        async with following(reader_pool, wakeups, seen, poll=600):
            await seen.until(lambda: len(seen.events) == 1)


async def test_tells_pages_after_their_commit(
    reader_pool: Pool, connection: Connection, wakeups: Wakeups, vault: Vault
) -> None:
    class Checking(Seen):
        async def __call__(self, page: list[Recorded]) -> None:
            assert await checkpoint(connection, "tests") == page[-1].position
            await super().__call__(page)

    seen = Checking()
    await append(connection, [command(*[routed()] * 5)], vault)
    async with following(reader_pool, wakeups, seen, page=2):
        await seen.until(lambda: len(seen.events) == 5)
    assert [event.version for event in seen.events] == [1, 2, 3, 4, 5]


async def test_refuses_a_journal_from_another_server(reader_pool: Pool, owner: Connection, wakeups: Wakeups) -> None:
    await owner.execute(FROM_ELSEWHERE)
    async with following(reader_pool, wakeups, Seen()) as task:
        with pytest.raises(JournalRestoredError, match="900000000000"):
            await task


async def test_stays_stopped_when_its_connection_breaks_at_that_moment(
    database_url: str, connection: Connection, wakeups: Wakeups, vault: Vault
) -> None:
    async with WireCutter(database_url).running() as wire:
        through = await connect_pool(wire.url, "cecoia_query", name="tests cut", size=2)
        seen = Seen()
        await append(connection, [command(routed())], vault)
        async with following(through, wakeups, seen, poll=600) as task:
            await seen.until(lambda: len(seen.events) == 1)
            wire.cut()
        assert task.cancelled()
        await through.close()
