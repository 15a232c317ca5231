"""A journal with a live sealer beside it, and the hands of somebody who owns the database and knows this code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared import clock
from shared.database import Connection, connect_pool
from shared.journal.blocks import NOTHING, seal_rows
from shared.journal.chain import digest_row, first_link, next_link
from shared.journal.sealer import ROLE, Sealer
from shared.journal.witness import Witness

KEEP = """
INSERT INTO journal.blocks VALUES ($1, $2::xid8, $3, $4::xid8, $5, $6, $7, $8, $9)
"""


@asynccontextmanager
async def sealing(
    database_url: str, witness: Witness, *, size: int = 3, every: float = 0.02
) -> AsyncIterator[asyncio.Task[None]]:
    """Seal for a while."""
    pool = await connect_pool(database_url, ROLE, name="tests sealer", size=1)
    task = asyncio.create_task(Sealer(pool, witness, clock.now, size=size, every=every).run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])
        await pool.close()


async def until_sealed(owner: Connection, witness: Witness, events: int, seconds: float = 60) -> None:
    """Wait until so many events are sealed, and witnessed."""
    async with asyncio.timeout(seconds):
        while True:
            row = await owner.fetchrow("SELECT coalesce(sum(events), 0) AS events, max(number) FROM journal.blocks")
            line = list(witness.lines())[-1:]
            if row["events"] >= events and line and line[0].number == row["max"]:
                return
            await asyncio.sleep(0.02)


async def rewrite_chains(owner: Connection) -> None:
    """Compute every chain and head anew over what the events say now."""
    links: dict[object, bytes] = {}
    for row in await owner.fetch("SELECT * FROM journal.events ORDER BY xid, position"):
        stream = row["stream_id"]
        before = links.get(stream) or first_link(stream)
        links[stream] = next_link(before, row["version"], digest_row(row))
        await owner.execute("UPDATE journal.events SET chain = $2 WHERE event_id = $1", row["event_id"], links[stream])
        await owner.execute(
            "UPDATE journal.streams SET head = $2, version = $3 WHERE stream_id = $1",
            stream,
            links[stream],
            row["version"],
        )


async def rewrite_blocks(owner: Connection, size: int = 3) -> None:
    """Seal everything anew, with the instants of before."""
    instants = [row["sealed_at"] for row in await owner.fetch("DELETE FROM journal.blocks RETURNING sealed_at")]
    rows = await owner.fetch("SELECT * FROM journal.events ORDER BY xid, position")
    last = NOTHING
    for start, instant in zip(range(0, len(rows), size), instants, strict=False):
        last = seal_rows(last, rows[start : start + size], instant)
        number, first, end, events, root, sealed_at, seal = last
        await owner.execute(KEEP, number, *first, *end, events, root, sealed_at, seal)
