import asyncio

import asyncpg
import pytest

from shared.database import Pool, is_away


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
