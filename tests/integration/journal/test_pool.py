import asyncio

import asyncpg
import pytest

from shared.database import AWAY, Connection, Pool, connect_pool, is_away
from tests.support.wire_cutter import WireCutter


async def test_connections_work_as_their_role_within_limits(pool: Pool) -> None:
    async with pool.acquire() as connection:
        assert await connection.fetchval("SELECT current_user") == "cecoia_intake"
        await connection.execute("SET transaction_timeout = 0")
    for setting, value in {
        "role": "cecoia_intake",
        "transaction_timeout": "30s",
        "synchronous_commit": "on",
        "TimeZone": "UTC",
        "application_name": "tests intake",
    }.items():
        assert await pool.fetchval("SELECT current_setting($1)", setting) == value


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
