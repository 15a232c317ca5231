import asyncio

import asyncpg
import pytest

from shared.database import AWAY, Connection, Pool, connect_pool, is_away, session
from tests.support.wire_cutter import WireCutter


async def test_connections_work_as_their_role_within_limits(pool: Pool) -> None:
    for setting, value in {
        "role": "cecoia_intake",
        "transaction_timeout": "30s",
        "synchronous_commit": "on",
        "TimeZone": "UTC",
        "application_name": "tests intake",
    }.items():
        assert await pool.fetchval("SELECT current_setting($1)", setting) == value


async def test_nothing_is_left_of_a_session(database_url: str) -> None:
    pool = await connect_pool(database_url, "cecoia_intake", name="tests session", size=1)
    async with session(pool) as connection:
        await _change(connection)
    assert await pool.fetchval("SELECT current_setting('transaction_timeout')") == "30s"
    assert not await _locks(pool)
    await pool.close()


async def test_nothing_is_left_of_a_session_that_ended_badly(database_url: str) -> None:
    pool = await connect_pool(database_url, "cecoia_intake", name="tests session", size=1)

    async def fail() -> None:
        async with session(pool) as connection:
            await _change(connection)
            await connection.execute("no statement")

    with pytest.raises(asyncpg.PostgresSyntaxError):
        await fail()
    assert await pool.fetchval("SELECT current_setting('transaction_timeout')") == "30s"
    async with asyncio.timeout(10):
        while await _locks(pool):  # until the server has seen the connection end
            await asyncio.sleep(0.01)
    await pool.close()


async def _change(connection: Connection) -> None:
    await connection.execute("SET transaction_timeout = 0")
    await connection.execute("SELECT pg_advisory_lock(4)")


async def _locks(pool: Pool) -> int:
    count: int = await pool.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4")
    return count


async def test_a_transaction_left_open_is_rolled_back(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await connection.transaction().start()
    async with pool.acquire() as connection:
        assert not connection.is_in_transaction()


async def test_a_connection_used_twice_at_once_is_our_fault_and_not_a_server_that_is_away(pool: Pool) -> None:
    async with pool.acquire() as connection:
        async with asyncio.TaskGroup() as both:
            sleeping = both.create_task(connection.execute("SELECT pg_sleep(0.2)"))
            await asyncio.sleep(0)
            with pytest.raises(asyncpg.InterfaceError) as refused:
                await connection.execute("SELECT 1")
        assert sleeping.done()
    assert not is_away(refused.value)


async def test_a_server_that_said_goodbye_is_away_before_it_hangs_up(database_url: str, owner: Connection) -> None:
    async with WireCutter(database_url).running() as wire:
        pool = await connect_pool(wire.url, "cecoia_intake", name="tests goodbye", size=1)
        wire.lingers = True
        await owner.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'tests goodbye'"
        )
        with pytest.raises(AWAY) as raised:
            await pool.fetchval("select 1")
        assert is_away(raised.value)
        wire.lingers = False
        assert await pool.fetchval("select 1") == 1
        await pool.close()
