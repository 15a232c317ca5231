"""How much of PostgreSQL's own speed the batcher leaves to those who append through it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import asyncpg

from shared import clock
from shared.database import connect_pool
from shared.journal.batcher import Batcher
from shared.journal.records import Append
from shared.journal.sealing import Vault
from tests.bench.report import Figure
from tests.bench.rounds import in_turn
from tests.bench.write_side import FORM, WriteSide
from tests.support.history import command, created, opening, person, updated

NAME: Final = "appends"
REQUESTERS: Final = 64
ROWS: Final = 100
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS bare_events (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream_id uuid NOT NULL, recorded_at timestamptz NOT NULL, type text NOT NULL, data json NOT NULL
)
"""
_INSERT: Final = """
INSERT INTO bare_events (stream_id, recorded_at, type, data)
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::json[])
"""


async def measure(side: WriteSide, *, quick: bool) -> Figure:
    """Append new incidents through the batcher, and rows of the same size to a bare table, in turn."""
    seconds, rounds = 1 if quick else 8, 1 if quick else 7
    pool = await connect_pool(side.database_url, "cecoia_intake", name="cecoia bench")
    bare = await asyncpg.connect(side.database_url)
    try:
        await bare.execute(_TABLE)
        vault = Vault(pool)
        requester = person(await vault.person(issuer="bench", sub="bench", name="", email=None))
        (sealed,) = await vault.seal([(uuid4(), requester.id, created(requester, FORM["description"]))])
        async with Batcher(pool, vault, lambda: None) as batcher:

            async def through(make: Callable[[], Append]) -> float:
                return await _requesters(batcher, make, seconds)

            numbered = lambda: opening(requester, at=clock.now())  # noqa: E731 - two of a kind, side by side
            plain = lambda: command(updated(requester, FORM["description"]), owner=requester.id, at=clock.now())  # noqa: E731
            found = await in_turn(lambda: through(numbered), lambda: _raw(bare, sealed.decode(), seconds), rounds)
            unnumbered = await through(plain)
    finally:
        await bare.close()
        await pool.close()
    return Figure(
        name="appends through the batcher",
        ratio=found.ratio,
        aim=0.5,
        ours=found.ours,
        theirs=found.theirs,
        unit="events/s",
        against=f"arrays of {ROWS} sealed texts through unnest into a bare table, one connection",
        conditions=f"{REQUESTERS} requesters in one process, each a new incident of one event with its number, sealed and "
        f"chained; {rounds} rounds of {seconds} s in turn",
        details={"the same of events without a number, events/s": unnumbered},
    )


async def _requesters(batcher: Batcher, make: Callable[[], Append], seconds: float) -> float:
    """Events a second."""
    done = 0
    began = time.perf_counter()

    async def requester() -> None:
        nonlocal done
        while time.perf_counter() < began + seconds:
            await batcher.append(make())
            done += 1

    await asyncio.gather(*(requester() for _ in range(REQUESTERS)))
    return done / (time.perf_counter() - began)


async def _raw(connection: asyncpg.Connection[Any], data: str, seconds: float) -> float:
    """Rows a second."""
    done = 0
    began = time.perf_counter()
    insert = await connection.prepare(_INSERT)
    while time.perf_counter() < began + seconds:
        ids = [uuid4() for _ in range(ROWS)]
        await insert.fetch(ids, [clock.now()] * ROWS, ["IncidentCreated"] * ROWS, [data] * ROWS)
        done += ROWS
    return done / (time.perf_counter() - began)
