"""Keeps the current generation of every projection up to date, for as long as it runs."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final, NoReturn

import asyncpg

from services.query.projections import generations
from services.query.projections.following import end, follow
from services.query.projections.generations import Generation, Projection
from services.query.projections.rebuild import GRACE, HANDOVER, AlreadyRunningError, rebuild
from shared.database import AWAY, Pool, stay_cancelled
from shared.journal.sealing import Vault
from shared.logs import logger

#: Seconds between two looks at which generations are current.
LOOK: Final = 0.5
#: Seconds between two looks for retired generations that a stopped rebuild left behind, and how old these must be.
_SWEEP: Final = 60.0
#: Seconds until a rebuild that failed, or that another process is at, is tried again.
_AGAIN: Final = 5.0

_log = logger(__name__)


class Projector:
    """Follows the current generations, and changes over when a rebuild has put another in its place.

    Where there is none, it builds the first one; readers wait until that has caught up. A generation that other code
    made is not followed but replaced: it is built anew, and readers keep the old one until then. Of two projectors with
    different code, the one that started last has its way.
    """

    def __init__(
        self,
        pool: Pool,
        vault: Vault,
        redis_url: str,
        projections: Mapping[str, Projection],
        *,
        handover: float = HANDOVER,
        grace: float = GRACE,
    ) -> None:
        """Prepare; `handover` and `grace` are those of `rebuild`."""
        self._pool, self._vault, self._redis_url, self._projections = pool, vault, redis_url, projections
        self._handover, self._grace = handover, grace
        self._following: dict[str, tuple[Generation, asyncio.Task[NoReturn]]] = {}
        self._building: dict[str, asyncio.Task[None]] = {}
        self._settled: set[str] = set()
        self._swept = 0.0

    async def run(self) -> NoReturn:
        """Follow until cancelled.

        Raises:
            Exception: what a projection raises that is not the database's; the supervisor starts the process again.
        """
        try:
            while True:
                try:
                    await self._look()
                except (*AWAY, asyncpg.PostgresError) as error:
                    stay_cancelled()
                    _log.warning("projector_interrupted", error=type(error).__name__)
                await asyncio.sleep(LOOK)
        finally:
            await asyncio.gather(*map(end, self._building.values()))
            await asyncio.gather(*(self._stop(name) for name in list(self._following)))

    async def _look(self) -> None:
        for projection in self._projections.values():
            async with self._pool.acquire() as connection:
                found = await generations.current(connection, projection.name)
            if found and found.recipe == projection.recipe:
                await self._follow(projection, found)
            else:
                await self._build(projection, found)
        if time.monotonic() - self._swept > _SWEEP:
            self._swept = time.monotonic()
            await self._sweep()

    async def _follow(self, projection: Projection, wanted: Generation) -> None:
        self._settled.add(projection.name)
        known = self._following.get(projection.name)
        if known and known[1].done():
            known[1].result()
        if known is None or known[0].number != wanted.number:
            await self._stop(projection.name)
            task = asyncio.create_task(follow(self._pool, self._vault, self._redis_url, projection, wanted))
            self._following[projection.name] = (wanted, task)
            _log.info("projection_followed", schema=wanted.schema)

    async def _build(self, projection: Projection, old: Generation | None) -> None:
        """Build what is not there, or what other code made; unless it came after us, for then we are the old ones."""
        stopped = await self._stop(projection.name)
        if old and projection.name in self._settled:
            if stopped:
                _log.warning("projection_superseded", schema=old.schema)
            return
        task = self._building.get(projection.name)
        if task and task.done():
            task.result()
        if task is None or task.done():
            if old:
                _log.warning("projection_outdated", schema=old.schema, readers="keep it until it is built anew")
            self._building[projection.name] = asyncio.create_task(self._rebuild(projection))

    async def _rebuild(self, projection: Projection) -> None:
        try:
            made = await rebuild(
                self._pool,
                self._vault,
                self._redis_url,
                projection,
                handover=self._handover,
                grace=self._grace,
                say=lambda _: None,
            )
            _log.info("projection_built", schema=made.schema)
        except (AlreadyRunningError, *AWAY, asyncpg.PostgresError) as error:
            stay_cancelled()
            _log.warning("projection_not_built", projection=projection.name, error=type(error).__name__)
            await asyncio.sleep(_AGAIN)

    async def _sweep(self) -> None:
        for name in self._projections:
            async with self._pool.acquire() as connection:
                await generations.drop_old(connection, name, grace=_SWEEP)

    async def _stop(self, name: str) -> bool:
        """Follow no longer; whether it was followed."""
        if known := self._following.pop(name, None):
            await end(known[1])
        return known is not None
