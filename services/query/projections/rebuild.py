"""Building a projection anew beside the one that is read, and handing readers over to it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final, NoReturn

import asyncpg

from services.query.projections import generations
from services.query.projections.following import end, follow
from services.query.projections.generations import Generation, Projection
from shared.database import Connection, Pool, session, statements
from shared.journal.read import checkpoint, read_page
from shared.journal.records import Position
from shared.journal.sealing import Vault, leave_sealed
from shared.logs import logger

PAGE: Final = 5000
#: Seconds for which readers may still look at the old generation: twice as long as they remember it.
HANDOVER: Final = 2.0
#: Seconds after which nobody reads a retired generation.
GRACE: Final = 5.0

_log = logger(__name__)
_sql = statements(__file__, "rebuild.sql")


class AlreadyRunningError(Exception):
    """The same projection is being rebuilt or proved by another process."""


@asynccontextmanager
async def only_one(pool: Pool, projection: str) -> AsyncIterator[Connection]:
    """Hold the right to make generations of a projection, by a connection that the context gives.

    Raises:
        AlreadyRunningError: somebody else has it.
    """
    async with session(pool) as holder:
        if not await holder.fetchval(_sql.try_lock, projection):
            raise AlreadyRunningError(projection)
        yield holder


async def advance(
    connection: Connection,
    vault: Vault,
    projection: Projection,
    generation: Generation,
    *,
    limit: int = PAGE,
    until: Position | None = None,
) -> int:
    """Take one page into a generation that nobody else follows, and keep how far that is, in one transaction.

    Args:
        connection: of the role that owns the generation.
        vault: opens the texts.
        projection: what to apply.
        generation: where to.
        limit: most events.
        until: last position to take in; None for the head.

    Returns:
        How many events were taken in; fewer than `limit` when there are no more.
    """
    async with connection.transaction():
        after = await checkpoint(connection, generation.checkpoint)
        stored = await read_page(connection, after, limit)
        if until is not None:
            stored = [one for one in stored if one.position <= until]
        if not stored:
            return 0
        events = await vault.unseal(stored, connection) if projection.personal else leave_sealed(stored)
        await projection.apply(connection, generation.schema, events)
        await connection.execute(_sql.set_checkpoint, generation.checkpoint, *stored[-1].position)
    return len(stored)


async def build(
    pool: Pool, vault: Vault, projection: Projection, *, page: int = PAGE, until: Position | None = None
) -> Generation:
    """A new generation, filled page by page up to the head or up to a position."""
    async with pool.acquire() as connection:
        made = await generations.begin(connection, projection)
    await catch_up(pool, vault, projection, made, page=page, until=until)
    return made


async def catch_up(
    pool: Pool,
    vault: Vault,
    projection: Projection,
    generation: Generation,
    *,
    page: int = PAGE,
    until: Position | None = None,
) -> None:
    """Take page after page into a generation, each committed by itself, so that nobody is held back for long."""
    taken, started = page, time.monotonic()
    total = 0
    while taken == page:
        async with pool.acquire() as connection:
            taken = await advance(connection, vault, projection, generation, limit=page, until=until)
        total += taken
    _log.info("generation_filled", schema=generation.schema, events=total, seconds=round(time.monotonic() - started, 3))


async def rebuild(
    pool: Pool,
    vault: Vault,
    redis_url: str,
    projection: Projection,
    *,
    page: int = PAGE,
    handover: float = HANDOVER,
    grace: float = GRACE,
    say: Callable[[str], None] = print,
) -> Generation:
    """Replace the current generation by a new one, or make the first one.

    The new one is followed live before it is read and until the projector has noticed, so no reader ever sees
    less than before. Nobody reads before the first one, which is filled and then read at once. What an earlier rebuild
    left unfinished is removed.

    Raises:
        AlreadyRunningError: another process is at it.
    """
    async with only_one(pool, projection.name) as holder:
        await generations.drop_old(holder, projection.name, grace=grace, unfinished=True)
        made = await build(pool, vault, projection, page=page)
        say(f"{made.schema} is built")
        if await generations.current(holder, projection.name) is None:
            await generations.promote(holder, made)
            say(f"{made.schema} is read")
            return made
        async with _followed(pool, vault, redis_url, projection, made):
            await generations.promote(holder, made)
            say(f"{made.schema} is read")
            await asyncio.sleep(handover)
        await asyncio.sleep(max(0.0, grace - handover))
        with suppress(asyncpg.LockNotAvailableError):  # somebody still reads it: the projector will remove it
            await generations.drop_old(holder, projection.name, grace=min(grace, handover))
    return made


@asynccontextmanager
async def _followed(
    pool: Pool, vault: Vault, redis_url: str, projection: Projection, made: Generation
) -> AsyncIterator[None]:
    """Keep a new generation up to date; the context begins once it shows no less than the current one."""
    following = asyncio.create_task(follow(pool, vault, redis_url, projection, made))
    try:
        await _reach_current(pool, projection, made, following)
        yield
    finally:
        await end(following)


async def _reach_current(
    pool: Pool, projection: Projection, made: Generation, following: asyncio.Task[NoReturn]
) -> None:
    """Wait until the new generation shows no less than the current one."""
    while True:
        if following.done():
            following.result()
        async with pool.acquire() as connection:
            old = await generations.current(connection, projection.name)
            if old is None or await checkpoint(connection, made.checkpoint) >= old.position:
                return
        await asyncio.sleep(0.05)
