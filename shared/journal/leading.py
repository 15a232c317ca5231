"""Doing alone what must be done by one process at a time, for as long as it takes and whatever breaks in between."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn

import asyncpg

from shared.database import AWAY, Connection, Pool, is_away, session, statements, stay_cancelled
from shared.journal.read import refuse_restored
from shared.logs import logger

_SQL = statements(__file__, "leading.sql")
_log = logger(__name__)
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0
#: Seconds after which a lead that ends was a good one: the pauses begin anew.
_HELD_OUT: Final = 5.0


async def lead(pool: Pool, name: str, work: Callable[[Connection], Awaitable[NoReturn]], *, poll: float) -> NoReturn:
    """Do some work under a name that one connection at a time can have; begin again when that breaks.

    Of many that call this one leads; the others wait for its connection to end.

    Args:
        pool: one connection of it is kept all the time.
        name: what to lead.
        work: gets the connection that leads; does not end by itself.
        poll: seconds between two tries to get the lead.

    Raises:
        JournalRestoredError: see `refuse_restored`.
        Exception: whatever `work` raises that is not the database's.
    """
    pause = _FIRST_PAUSE
    while True:
        began = time.monotonic()
        try:
            await _lead(pool, name, work, poll)
        except (*AWAY, asyncpg.PostgresError) as error:
            stay_cancelled()
            if isinstance(error, ValueError):
                raise
            _log.warning("lead_interrupted", lead=name, error=type(error).__name__, exc_info=not is_away(error))
            if time.monotonic() - began > _HELD_OUT:
                pause = _FIRST_PAUSE
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads the retries
            pause = min(pause * 2, _LONGEST_PAUSE)


async def _lead(pool: Pool, name: str, work: Callable[[Connection], Awaitable[NoReturn]], poll: float) -> NoReturn:
    async with session(pool) as connection:
        await refuse_restored(connection)
        while not await connection.fetchval(_SQL.lead, name):  # noqa: ASYNC110 - the lock is in the database
            await asyncio.sleep(poll)
        _log.info("leads", lead=name)
        await work(connection)
