"""How long the slowest requesters wait for their number when a few send at once."""

from __future__ import annotations

import asyncio
import time
from typing import Final

import asyncpg
import msgspec

from tests.bench.load import Plan, load
from tests.bench.report import Figure
from tests.bench.rounds import in_turn, percentile
from tests.bench.write_side import FORM, WriteSide

NAME: Final = "latency"
CLIENTS: Final = 16
_TABLE: Final = "CREATE TABLE IF NOT EXISTS bare_insert (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, data json)"
_INSERT: Final = "INSERT INTO bare_insert (data) VALUES ($1)"


async def measure(side: WriteSide, *, quick: bool) -> Figure:
    """Send the form to intake, and the same bytes to PostgreSQL, in turn."""
    body, seconds, rounds = msgspec.json.encode(FORM).decode(), 1 if quick else 8, 1 if quick else 7

    async def ours() -> float:
        plan = Plan(port=side.intake, head=side.head(), body=body, clients=CLIENTS, seconds=seconds, keyed=True)
        return (await load(plan)).p99

    async with asyncpg.create_pool(side.database_url, min_size=CLIENTS, max_size=CLIENTS) as pool:
        await pool.execute(_TABLE)
        found = await in_turn(ours, lambda: _bare(pool, body, seconds), rounds)
    return Figure(
        name="create latency, p99",
        ratio=found.ratio,
        aim=3,
        at_most=True,
        ours=found.ours,
        theirs=found.theirs,
        unit="ms",
        against="one INSERT and its commit, p99 as well",
        conditions=f"{CLIENTS} clients each, as fast as answers come; {rounds} rounds of {seconds} s in turn",
    )


async def _bare(pool: asyncpg.Pool, body: str, seconds: float) -> float:
    """The p99 of an insert, in milliseconds."""
    latencies: list[float] = []
    end = time.perf_counter() + seconds

    async def client() -> None:
        async with pool.acquire() as connection:
            insert = await connection.prepare(_INSERT)
            while (began := time.perf_counter()) < end:
                await insert.fetch(body)
                latencies.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return percentile(latencies, 0.99)
