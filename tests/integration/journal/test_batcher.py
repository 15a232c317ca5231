import asyncio
from uuid import uuid4

import pytest

from shared.database import Connection, Pool, connect_pool
from shared.events.base import Person
from shared.journal.batcher import Batcher, JournalBusy, JournalUnavailable
from shared.journal.read import JournalRestoredError, read_stream
from shared.journal.records import Verdict
from shared.journal.sealing import Vault
from tests.support.history import FROM_ELSEWHERE, command, opening, routed, updated
from tests.support.wire_cutter import WireCutter


def nothing() -> None:
    """Nobody to wake."""


async def test_many_requests_share_few_commits(pool: Pool, vault: Vault, aude: Person) -> None:
    rings: list[int] = []
    async with Batcher(pool, vault, lambda: rings.append(1)) as batcher:
        outcomes = await asyncio.gather(*(batcher.append(opening(aude)) for _ in range(300)))
    assert len({outcome.number for outcome in outcomes}) == 300
    assert {outcome.verdict for outcome in outcomes} == {Verdict.APPENDED}
    assert len(rings) < 30


async def test_commands_for_one_stream_keep_their_order(pool: Pool, vault: Vault, connection: Connection) -> None:
    stream = uuid4()
    sent = [command(routed(f"g{n}"), stream_id=stream, expected=n) for n in range(40)]
    others = [command(routed()) for _ in range(100)]
    async with Batcher(pool, vault, nothing, batch=7) as batcher:
        outcomes = await asyncio.gather(
            *(batcher.append(one) for one in sent), *(batcher.append(one) for one in others)
        )
    assert {outcome.verdict for outcome in outcomes} == {Verdict.APPENDED}
    assert [event.event_id for event in await read_stream(connection, stream)] == [
        one.events[0].event_id for one in sent
    ]


async def test_one_bad_command_does_not_harm_the_others(pool: Pool, vault: Vault, aude: Person) -> None:
    ownerless = command(updated(aude))
    unwritable = command(updated(aude, "\ud800"), owner=aude.id)
    too_large = command(routed(), expected=2**40)
    good = [opening(aude) for _ in range(20)]
    async with Batcher(pool, vault, nothing, writers=1) as batcher:
        results = await asyncio.gather(
            *(batcher.append(one) for one in (*good[:10], ownerless, unwritable, too_large, *good[10:])),
            return_exceptions=True,
        )
    assert [type(result).__name__ for result in results[10:13]] == [
        "ValueError",
        "UnicodeEncodeError",
        "DataError",
    ]
    assert [getattr(result, "verdict", None) for result in results[:10] + results[13:]] == ["appended"] * 20


async def test_a_full_queue_says_so_at_once(pool: Pool, vault: Vault) -> None:
    async with Batcher(pool, vault, nothing, queue=5) as batcher:
        results = await asyncio.gather(*(batcher.append(command(routed())) for _ in range(8)), return_exceptions=True)
    assert [type(result) for result in results].count(JournalBusy) == 3
    assert batcher.waiting == 0


async def test_stopping_appends_what_waits_and_takes_no_more(pool: Pool, vault: Vault) -> None:
    async with Batcher(pool, vault, nothing, batch=3) as batcher:
        sent = [asyncio.create_task(batcher.append(command(routed()))) for _ in range(50)]
        await asyncio.sleep(0)
    assert {outcome.verdict for outcome in await asyncio.gather(*sent)} == {Verdict.APPENDED}
    with pytest.raises(JournalBusy):
        await batcher.append(command(routed()))


async def test_a_requester_who_left_is_no_trouble(pool: Pool, vault: Vault, connection: Connection) -> None:
    left, stayed = command(routed()), command(routed())
    async with Batcher(pool, vault, nothing) as batcher:
        tasks = [asyncio.create_task(batcher.append(one)) for one in (left, stayed)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        assert (await tasks[1]).verdict is Verdict.APPENDED
    assert len(await read_stream(connection, left.stream_id)) == 1


async def test_says_that_the_database_is_away_and_works_when_it_is_back(database_url: str, vault: Vault) -> None:
    async with WireCutter(database_url).running() as wire:
        pool = await connect_pool(wire.url, "cecoia_intake", name="tests away", size=3)
        async with Batcher(pool, vault, nothing, patience=0.3) as batcher:
            assert (await batcher.append(command(routed()))).verdict is Verdict.APPENDED
            wire.refuses = True
            wire.cut()
            results = await asyncio.gather(
                *(batcher.append(command(routed())) for _ in range(5)), return_exceptions=True
            )
            assert {type(result) for result in results} == {JournalUnavailable}
            wire.refuses = False
            assert (await batcher.append(command(routed()))).verdict is Verdict.APPENDED
        await pool.close()


async def test_rides_over_a_short_absence(database_url: str, vault: Vault) -> None:
    async with WireCutter(database_url).running() as wire:
        pool = await connect_pool(wire.url, "cecoia_intake", name="tests away", size=3)
        async with Batcher(pool, vault, nothing) as batcher:
            wire.refuses = True
            wire.cut()
            sent = asyncio.create_task(batcher.append(command(routed())))
            await asyncio.sleep(0.3)
            wire.refuses = False
            assert (await sent).verdict is Verdict.APPENDED
        await pool.close()


async def test_refuses_a_journal_from_another_server(pool: Pool, owner: Connection, vault: Vault) -> None:
    await owner.execute(FROM_ELSEWHERE)
    with pytest.raises(JournalRestoredError, match="900000000000"):
        async with Batcher(pool, vault, nothing):
            pass


async def test_what_is_appended_together_is_appended_to_all_or_to_none(
    pool: Pool, vault: Vault, connection: Connection
) -> None:
    rings: list[int] = []
    one, other = uuid4(), uuid4()
    async with Batcher(pool, vault, lambda: rings.append(1)) as batcher:
        both = [command(routed(), stream_id=stream, expected=0) for stream in (one, other)]
        appended = await batcher.append_together(both)
        again = await batcher.append_together(both)
        late = [command(routed(), stream_id=one, expected=1), command(routed(), stream_id=other, expected=0)]
        refused = await batcher.append_together(late)
    assert [outcome.verdict for outcome in appended + again] == [Verdict.APPENDED] * 2 + [Verdict.DUPLICATE] * 2
    assert refused[1].verdict is Verdict.CONFLICT
    assert [len(await read_stream(connection, stream)) for stream in (one, other)] == [1, 1]
    assert rings
    with pytest.raises(JournalBusy):
        await batcher.append_together(late)
