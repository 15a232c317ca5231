"""Counting how often, over all processes."""

import asyncio

import pytest
from redis.asyncio import Redis

from shared.http.problems import Problem
from shared.limits import Limit


@pytest.fixture
async def redis(redis_url):
    client = Redis.from_url(redis_url)
    yield client
    await client.aclose()


async def test_one_too_many_waits_for_the_window_to_end(redis):
    limit = Limit(redis, "essai", most=3, seconds=60)
    for _ in range(3):
        await limit.count("claire")
    with pytest.raises(Problem) as caught:
        await limit.count("claire")
    assert caught.value.status == 429
    assert 0 < int(caught.value.headers["Retry-After"]) <= 60
    await limit.count("hugo")
    await Limit(redis, "autre", most=3, seconds=60).count("claire")


async def test_many_processes_count_together(redis):
    limits = [Limit(redis, "essai", most=5, seconds=60) for _ in range(4)]
    done = await asyncio.gather(*(limit.count("x") for limit in limits for _ in range(3)), return_exceptions=True)
    assert sum(one is None for one in done) == 5
    assert 0 < await redis.pttl("limit:essai:x") <= 60_000


async def test_without_redis_nothing_is_refused(tmp_path):
    away = Redis.from_url(f"unix://{tmp_path}/nobody.sock")
    for _ in range(3):
        await Limit(away, "essai", most=1, seconds=60).count("x")
        await Limit(None, "essai", most=1, seconds=60).count("x")
    await away.aclose()
