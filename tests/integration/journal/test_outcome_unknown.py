"""The connection ends in the middle of an append: nobody knows whether it was done. Sending it again makes one event."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.database import AWAY, Connection, Pool, connect_pool
from shared.events.base import Person
from shared.journal.append import append
from shared.journal.batcher import Batcher
from shared.journal.read import read_stream, stream_version
from shared.journal.records import Append, Verdict
from shared.journal.sealing import Vault
from tests.support.history import command, opening, routed
from tests.support.wire_cutter import WireCutter

WAITS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[WireCutter]:
    async with WireCutter(database_url).running() as running:
        yield running


async def committed(connection: Connection, one: Append) -> None:
    async with asyncio.timeout(20):
        while not await stream_version(connection, one.stream_id):
            await asyncio.sleep(0.01)


async def test_killed_before_the_commit(pool: Pool, owner: Connection, vault: Vault, aude: Person) -> None:
    one = opening(aude)
    async with owner.transaction(), pool.acquire() as connection:
        # Hold the stream, so that the append stands in the middle of its call when its connection is ended.
        await owner.execute("SELECT pg_advisory_xact_lock(uuid_hash_extended($1, 0))", one.stream_id)
        waiting = asyncio.create_task(append(connection, [one], vault))
        async with asyncio.timeout(20):
            while not (pid := await owner.fetchval(WAITS)):
                await asyncio.sleep(0.01)
        await owner.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises(AWAY):
            await waiting
    async with pool.acquire() as connection:
        assert await read_stream(connection, one.stream_id) == []
        (outcome,) = await append(connection, [one], vault)
        assert outcome.verdict is Verdict.APPENDED
        assert len(await read_stream(connection, one.stream_id)) == 1


async def test_cut_after_the_commit(wire: WireCutter, connection: Connection, vault: Vault) -> None:
    one = command(routed())
    cut_off = await asyncpg.connect(wire.url, server_settings={"role": "cecoia_intake"})
    await append(cut_off, [command(routed())], vault)  # prepares the statement: the next answer is that of the append
    wire.swallows = True
    sending = asyncio.create_task(append(cut_off, [one], vault))
    await committed(connection, one)
    wire.cut()
    with pytest.raises(AWAY):
        await sending
    (outcome,) = await append(connection, [one], vault)
    assert outcome.verdict is Verdict.DUPLICATE
    assert len(await read_stream(connection, one.stream_id)) == 1
    cut_off.terminate()


async def test_the_batcher_sends_again_by_itself(wire: WireCutter, connection: Connection, vault: Vault) -> None:
    through = await connect_pool(wire.url, "cecoia_intake", name="tests cut", size=4)
    first, second, third = (command(routed()) for _ in range(3))
    async with Batcher(through, vault, lambda: None, writers=1) as batcher:
        await batcher.append(first)
        wire.swallows = True
        sending = [asyncio.create_task(batcher.append(one)) for one in (second, third)]
        await committed(connection, second)
        wire.swallows = False
        wire.cut()
        outcomes = await asyncio.gather(*sending)
    assert {outcome.version for outcome in outcomes} == {1}
    assert outcomes[0].verdict is Verdict.DUPLICATE
    for one in (first, second, third):
        assert len(await read_stream(connection, one.stream_id)) == 1
    await through.close()
