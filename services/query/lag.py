"""How far what is read stands behind what was written, for `/metrics`."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, NoReturn

import asyncpg
from prometheus_client import Gauge

from services.query.projections import generations
from services.query.projections.registry import PROJECTIONS
from shared.database import AWAY, Connection, Pool, statements, stay_cancelled
from shared.journal.read import fence_age
from shared.journal.records import START
from shared.logs import logger

EVENTS: Final = Gauge(
    "cecoia_projection_behind_events", "Events that the projection does not show yet, up to 10000.", ["projection"]
)
SECONDS: Final = Gauge(
    "cecoia_projection_behind_seconds", "Age of the oldest event that the projection does not show.", ["projection"]
)
FENCE: Final = Gauge("cecoia_journal_fence_seconds", "For how long a running transaction has held followers back.")

#: Events are counted up to here, so that looking costs little however far a projection is behind.
COUNTED: Final = 10_000
#: Seconds between two looks, whoever asks for `/metrics` and how often.
_EVERY: Final = 5.0

_log = logger(__name__)
_sql = statements(__file__, "lag.sql")


async def measure(connection: Connection) -> None:
    """Look once."""
    for name in PROJECTIONS:
        current = await generations.current(connection, name)
        behind = await connection.fetchrow(_sql.behind, *(current.position if current else START), COUNTED)
        events, seconds = behind or (0, 0.0)
        EVENTS.labels(name).set(events)
        SECONDS.labels(name).set(seconds)
    FENCE.set(await fence_age(connection))


def _forget() -> None:
    """What cannot be measured is not a number: an old figure would look like a good one."""
    for name in PROJECTIONS:
        EVENTS.labels(name).set(math.nan)
        SECONDS.labels(name).set(math.nan)
    FENCE.set(math.nan)


async def _watch(pool: Pool, every: float) -> NoReturn:
    while True:
        try:
            async with pool.acquire() as connection:
                await measure(connection)
        except (*AWAY, asyncpg.PostgresError) as error:
            stay_cancelled()
            _forget()
            _log.warning("lag_unknown", error=type(error).__name__)
        await asyncio.sleep(every)


@asynccontextmanager
async def watching(pool: Pool, *, every: float = _EVERY) -> AsyncIterator[None]:
    """Look every few seconds while the context lasts."""
    task = asyncio.create_task(_watch(pool, every))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
