"""The embedded servers answer, and tests start from empty ones."""

import asyncpg
import redis.asyncio


async def test_each_test_has_a_database_of_its_own(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("CREATE TABLE only_here (n int)")
        assert await connection.fetchval("SELECT version()") > "PostgreSQL 18"
        assert await connection.fetchval("SELECT lower('É')") == "é"
    finally:
        await connection.close()


async def test_redis_is_empty_at_first(redis_url: str) -> None:
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0
        await client.set("left", "behind")


async def test_redis_is_empty_again(redis_url: str) -> None:
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        assert await client.dbsize() == 0
        await client.set("left", "behind")
