"""What a worker process works with: made once after the fork, closed at its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, NamedTuple, TypeVar

import asyncpg
from celery import Celery

from services.notifier.mail.letters import Letters
from services.notifier.mail.mailer import Server
from shared import clock
from shared.catalogue import CatalogueWatch
from shared.database import AWAY, Pool, connect_pool, stay_cancelled
from shared.journal.erasures import heeding
from shared.journal.sealing import Vault
from shared.logs import logger
from shared.settings import Settings
from shared.wakeups import Wakeups

_log = logger(__name__)
_T = TypeVar("_T")

ROLE: Final = "cecoia_notifier"
#: Seconds between tries while the database is away, and how often: together shorter than a lease.
_PAUSE: Final = 2.0
_TRIES: Final = 12


class Toolbox(NamedTuple):
    """Everything a task needs. `stopping` says that the process is asked to end."""

    settings: Settings
    pool: Pool
    vault: Vault
    catalogue: CatalogueWatch
    wakeups: Wakeups
    broker: Celery
    server: Server
    letters: Letters
    stopping: Callable[[], bool]
    now: Callable[[], datetime] = clock.now


@asynccontextmanager
async def open_toolbox(settings: Settings, broker: Celery, stopping: Callable[[], bool]) -> AsyncIterator[Toolbox]:
    """Make the tools of one process and close them at the end."""
    pool = await connect_pool(settings.database_url, ROLE, name="cecoia worker", size=6)
    try:
        vault = Vault(pool)
        async with heeding(pool, vault), Wakeups(settings.redis_url) as wakeups:
            yield Toolbox(
                settings=settings,
                pool=pool,
                vault=vault,
                catalogue=CatalogueWatch(pool, vault),
                wakeups=wakeups,
                broker=broker,
                server=Server.parse(settings.smtp_url),
                letters=Letters(settings.mail_from, settings.portal_url, settings.hotline),
                stopping=stopping,
            )
    finally:
        await pool.close()


async def persist(unit: Callable[[], Awaitable[_T]]) -> _T:
    """Do a unit of work with the database, again and again while that is away for a moment.

    Used where the effect has already happened and only its record is missing.

    Raises:
        OSError, asyncpg.PostgresError: the database stayed away for longer than a lease is worth waiting.
    """
    for _ in range(_TRIES - 1):
        try:
            return await unit()
        except (*AWAY, asyncpg.PostgresError) as error:
            stay_cancelled()
            _log.warning("database_away", error=type(error).__name__)
            await asyncio.sleep(_PAUSE)
    return await unit()
