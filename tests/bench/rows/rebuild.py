"""How much a projection costs beside reading the journal that it is made from."""

from __future__ import annotations

import time
from typing import Final

from services.query.app import ROLE
from services.query.projections import generations
from services.query.projections.rebuild import PAGE, build
from services.query.projections.tracking import TRACKING
from shared.database import Pool, connect_pool
from shared.journal.read import read_page
from shared.journal.records import START
from shared.journal.sealing import Vault, leave_sealed
from tests.bench.histories import Histories
from tests.bench.report import Figure
from tests.bench.rounds import in_turn

NAME: Final = "rebuild"


async def measure(place: Histories, *, quick: bool) -> Figure:
    """Build the tracking projection and read the same pages, in turn."""
    history = place.few
    rounds = 1 if quick else 5
    pool = await connect_pool(history.database_url, ROLE, name="cecoia bench")
    try:
        vault = Vault(pool)
        found = await in_turn(lambda: _built(pool, vault), lambda: _read(pool, None), rounds)
        opened = await _read(pool, vault)
    finally:
        await pool.close()
    return Figure(
        name="rebuild of the tracking projection",
        ratio=found.ratio,
        aim=0.4,
        ours=found.ours,
        theirs=found.theirs,
        unit="events/s",
        against="reading and decoding the same pages, texts left sealed",
        conditions=f"{history.incidents} incidents, pages of {PAGE}; {rounds} rounds in turn",
        details={"reading, decoding and unsealing, events/s": opened},
    )


async def _built(pool: Pool, vault: Vault) -> float:
    """Events a second."""
    began = time.perf_counter()
    made = await build(pool, vault, TRACKING)
    took = time.perf_counter() - began
    async with pool.acquire() as connection:
        events: int = await connection.fetchval("SELECT count(*) FROM journal.events")
        await generations.drop(connection, made)
    return events / took


async def _read(pool: Pool, vault: Vault | None) -> float:
    """Events a second; unsealed where there is a vault to do it."""
    began, events, after = time.perf_counter(), 0, START
    async with pool.acquire() as connection:
        while page := await read_page(connection, after, PAGE):
            if vault:
                await vault.unseal(page, connection)
            else:
                leave_sealed(page)
            events, after = events + len(page), page[-1].position
    return events / (time.perf_counter() - began)
