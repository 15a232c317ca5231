"""What a service waits for before it begins."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Final

import asyncpg

from shared.database import is_away
from shared.logs import logger

_log = logger(__name__)

#: Seconds: for one answer, between two tries, and for all of them.
_ANSWER: Final = 5.0
_PAUSE: Final = 0.5
_PATIENCE: Final = 60.0


def wait_for_database(url: str, patience: float = _PATIENCE) -> None:
    """Wait until the database lets this process in; to be called before there is an event loop.

    A service that died instead would be started again later each time, and so come back long after the database. Who
    is told to stop while it waits ends with 0.

    Args:
        url: address of the database.
        patience: seconds for which a database that is away is waited for.

    Raises:
        SystemExit: it stayed away, or refuses; the text is one line that says why.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    if error := asyncio.run(_after_patience(url, patience)):
        raise SystemExit(f"the database cannot be used: {type(error).__name__} {error}")


async def _after_patience(url: str, patience: float) -> Exception | None:
    """Why nobody can work with the database in spite of all waiting; None as soon as one can."""
    clock = asyncio.get_running_loop().time
    give_up, waiting = clock() + patience, False
    while (error := await _why_not(url)) and is_away(error) and clock() < give_up:
        if not waiting:
            _log.warning("database_awaited", error=type(error).__name__)
            waiting = True
        await asyncio.sleep(_PAUSE)
    return error


async def _why_not(url: str) -> Exception | None:
    """Why nobody can work with the database now; None where one can."""
    try:
        connection = await asyncpg.connect(url, timeout=_ANSWER)
        await connection.close(timeout=_ANSWER)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        return error
    return None
