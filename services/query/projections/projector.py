"""Keeps the current generation of every projection up to date, for as long as it runs."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final, NoReturn

import asyncpg

from services.query.changes import publish
from services.query.projections import generations
from services.query.projections.generations import Generation, Projection, Touched
from shared.database import AWAY, Connection, Pool, stay_cancelled
from shared.journal.follow import Follower
from shared.journal.records import Recorded
from shared.journal.sealing import Vault
from shared.logs import logger
from shared.wakeups import Messages, Wakeups

#: Seconds between two looks at which generations are current.
LOOK: Final = 0.5
#: Seconds between two looks for retired generations that a stopped rebuild left behind, and how old these must be.
_SWEEP: Final = 60.0

_log = logger(__name__)


async def follow(
    pool: Pool, vault: Vault, redis_url: str, projection: Projection, generation: Generation, *, page: int = 1000
) -> NoReturn:
    """Apply the journal to one generation, page by page, and tell what changed after each."""
    touched: list[Touched] = []
    messages = Messages(redis_url)

    async def handle(connection: Connection, events: list[Recorded]) -> None:
        touched[:] = await projection.apply(connection, generation.schema, events)

    async def tell(_: list[Recorded]) -> None:
        await publish(messages, touched)

    try:
        async with Wakeups(redis_url) as wakeups:
            await Follower(pool, vault, generation.checkpoint, wakeups, page=page).run(handle, tell)
    finally:
        await messages.close()


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel a task that talks to the database until it has ended.

    Once may not be enough: an error of the connection that is being left can take the place of the cancellation, and
    is then taken for a reason to try again.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.5)


class Projector:
    """Follows the current generations, and changes over when a rebuild has put another in its place."""

    def __init__(self, pool: Pool, vault: Vault, redis_url: str, projections: Mapping[str, Projection]) -> None:
        self._pool, self._vault, self._redis_url, self._projections = pool, vault, redis_url, projections
        self._following: dict[str, tuple[Generation, asyncio.Task[NoReturn]]] = {}
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
            await asyncio.gather(*(self._stop(name) for name in list(self._following)))

    async def _look(self) -> None:
        for name, projection in self._projections.items():
            async with self._pool.acquire() as connection:
                wanted = await generations.ensure(connection, projection)
            known = self._following.get(name)
            if known and known[1].done():
                known[1].result()
            if known is None or known[0].number != wanted.number:
                await self._stop(name)
                task = asyncio.create_task(follow(self._pool, self._vault, self._redis_url, projection, wanted))
                self._following[name] = (wanted, task)
                _log.info("projection_followed", schema=wanted.schema)
        if time.monotonic() - self._swept > _SWEEP:
            self._swept = time.monotonic()
            await self._sweep()

    async def _sweep(self) -> None:
        for name in self._projections:
            async with self._pool.acquire() as connection:
                await generations.drop_old(connection, name, grace=_SWEEP)

    async def _stop(self, name: str) -> None:
        if known := self._following.pop(name, None):
            await end(known[1])
