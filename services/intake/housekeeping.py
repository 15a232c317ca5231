"""What must be tidied once a minute by one intake process among all, and what once a day."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta

from services.intake.collecting import EVERY, Collector
from services.intake.people.erasure import Eraser
from services.intake.people.retention import retain
from shared.clock import paris_date
from shared.database import AWAY, Connection, Pool, session, statements, stay_cancelled
from shared.documents import StoreFullError, StoreUnavailableError
from shared.journal.partitions import make_partitions
from shared.logs import logger

_log = logger(__name__)
_SQL = statements(__file__, "housekeeping.sql")


class Housekeeping:
    """Tidies for as long as it runs, whenever it holds the lead.

    Args:
        pool: of the database.
        collector: goes through the documents.
        eraser: forgets people whose time is over.
        retention: how long people are kept who are not heard of; None for ever.
        now: reads the clock.
    """

    def __init__(
        self,
        pool: Pool,
        collector: Collector,
        eraser: Eraser,
        now: Callable[[], datetime],
        retention: timedelta | None = None,
    ) -> None:
        self._pool = pool
        self._collector = collector
        self._eraser = eraser
        self._retention = retention
        self._now = now
        self._day: date | None = None
        self._called = asyncio.Event()

    def call(self) -> None:
        """Say that there is something to tidy now."""
        self._called.set()

    async def run(self) -> None:
        """Tidy every minute, and when called, until cancelled."""
        while True:
            self._called.clear()
            try:
                await self.tidy()
            except (*AWAY, StoreUnavailableError, StoreFullError) as error:
                stay_cancelled()
                _log.warning("housekeeping_postponed", reason=type(error).__name__)
            except Exception:  # noqa: BLE001 - whatever it was, partitions must be made next time
                _log.exception("housekeeping_failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._called.wait()

    async def tidy(self) -> bool:
        """Tidy once; False when another process is doing it."""
        async with session(self._pool) as connection:
            if not await connection.fetchval(_SQL.lead):
                return False
            if made := await make_partitions(connection):
                _log.info("partitions_made", count=made)
            now = self._now()
            if paris_date(now) != self._day:
                await self._once_a_day(connection, now)
                self._day = paris_date(now)
            await self._collector.collect(connection, now)
        return True

    async def _once_a_day(self, connection: Connection, now: datetime) -> None:
        """Forget people whose time is over, and once more those whose keys came back with an older backup."""
        if again := await connection.fetchval(_SQL.forget_again):
            _log.warning("erased_again", people=again)
        if self._retention:
            gone = await retain(self._pool, self._eraser, now - self._retention, now)
            _log.info("retention", people=len(gone), incidents=sum(one.incidents for one in gone))
