"""The relay: follows the journal, plans work in the same transaction as its checkpoint, and gives it out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import asyncpg

from services.notifier.toolbox import ROLE
from services.notifier.weekly.planning import plan_report
from services.notifier.work import rows as work
from services.notifier.work.broker import make_broker
from services.notifier.work.dispatcher import Dispatcher, publisher
from shared import clock
from shared.database import AWAY, Pool, connect_pool, stay_cancelled
from shared.journal.follow import Follower
from shared.journal.records import Recorded
from shared.journal.sealing import Vault
from shared.logs import logger
from shared.settings import Settings
from shared.wakeups import Wakeups

_log = logger(__name__)

#: The name under which the checkpoint is kept.
FOLLOWER: Final = "notifier"
_HOUSEKEEPING: Final = 60.0


async def run(settings: Settings) -> None:
    """Relay until cancelled. Several may run: one follows, all give out work."""
    pool = await connect_pool(settings.database_url, ROLE, name="cecoia relay", size=6)
    try:
        async with Wakeups(settings.redis_url) as wakeups, asyncio.TaskGroup() as group:
            dispatcher = Dispatcher(pool, publisher(make_broker(settings)))

            async def planned(page: Sequence[Recorded]) -> None:
                del page
                dispatcher.call()

            follower = Follower(pool, Vault(pool), FOLLOWER, wakeups, personal=False)
            group.create_task(follower.run(work.plan, planned))
            group.create_task(dispatcher.run())
            group.create_task(_housekeeping(pool, settings))
    finally:
        await pool.close()


async def _housekeeping(pool: Pool, settings: Settings) -> None:
    """Forget what ended long ago, plan what the calendar asks for, and say what waits, when that is anything."""
    while True:
        try:
            async with pool.acquire() as connection:
                await work.forget(connection)
                await plan_report(connection, settings, clock.now())
                backlog = {f"{c.kind}_{c.state}": c.rows for c in await work.counts(connection) if c.state != "done"}
            if backlog:
                _log.info("backlog", **backlog)
        except (*AWAY, asyncpg.PostgresError) as error:
            stay_cancelled()
            _log.warning("database_away", error=type(error).__name__)
        await asyncio.sleep(_HOUSEKEEPING)
