"""What must be tidied once a minute by one intake process among all: room in the journal, files nobody attached."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from services.intake.uploads import PREFIX, Upload
from shared.database import AWAY, Connection, Pool, statements, stay_cancelled
from shared.documents import (
    DOCUMENTS,
    INCOMING,
    DocumentStore,
    StoreFullError,
    StoreUnavailableError,
    object_path,
)
from shared.journal.partitions import make_partitions
from shared.logs import logger

_log = logger(__name__)
_SQL = statements(__file__, "housekeeping.sql")

_EVERY: Final = 60.0
#: How long a file waits for a command to name it.
_PATIENCE: Final = timedelta(days=1)
#: How much longer its bytes stay: a command that found the note in its last second still finds them.
_GRACE: Final = timedelta(hours=1)
#: Where a document lies while it is made sure that nobody wants it.
_LEAVING: Final = "leaving/"
_PAGE: Final = 500


class Housekeeping:
    """Tidies for as long as it runs, whenever it holds the lead.

    Args:
        pool: of the database.
        store: of the documents.
        now: reads the clock.
    """

    def __init__(self, pool: Pool, store: DocumentStore, now: Callable[[], datetime]) -> None:
        self._pool = pool
        self._store = store
        self._now = now

    async def run(self) -> None:
        """Tidy every minute until cancelled."""
        while True:
            try:
                await self.tidy()
            except (*AWAY, StoreUnavailableError, StoreFullError) as error:
                stay_cancelled()
                _log.warning("housekeeping_postponed", reason=type(error).__name__)
            except Exception:  # noqa: BLE001 - whatever it was, partitions must be made next time
                _log.exception("housekeeping_failed")
            await asyncio.sleep(_EVERY)

    async def tidy(self) -> bool:
        """Tidy once; False when another process is doing it."""
        async with self._pool.acquire() as connection:
            if not await connection.fetchval(_SQL.lead):
                return False
            try:
                if made := await make_partitions(connection):
                    _log.info("partitions_made", count=made)
                await self._collect(connection)
            finally:
                await connection.execute(_SQL.follow)
        return True

    async def _collect(self, connection: Connection) -> None:
        before = self._now() - _PATIENCE
        await self._settle_leaving(connection)
        for prefix in (INCOMING, PREFIX):
            for path in await self._older(prefix, before):
                await self._store.delete(path)
            if dropped := await self._store.drop_unfinished(prefix, before):
                _log.info("unfinished_writes_dropped", prefix=prefix, count=dropped)
        old = [path.rsplit("/", 1)[1] for path in await self._older(DOCUMENTS, before - _GRACE)]
        unwanted = await self._unwanted(connection, old)
        for sha256 in unwanted:
            await self._store.move(object_path(sha256), f"{_LEAVING}{sha256}")
        if unwanted:
            await self._settle_leaving(connection)

    async def _settle_leaving(self, connection: Connection) -> None:
        """Delete what was set aside, except what was named meanwhile: that goes back.

        Whoever names a document makes sure afterwards that it lies in its place (`Uploads.keep`). So it was either
        named before it was set aside, and is found here, or its sender is told to send it again.
        """
        aside = [path.rsplit("/", 1)[1] async for path, _ in self._store.names(_LEAVING)]
        unwanted = set(await self._unwanted(connection, aside))
        for sha256 in aside:
            if sha256 in unwanted:
                await self._store.delete(f"{_LEAVING}{sha256}")
                _log.info("document_collected", sha256=sha256)
            else:
                await self._store.move(f"{_LEAVING}{sha256}", object_path(sha256))

    async def _unwanted(self, connection: Connection, sums: list[str]) -> list[str]:
        """Those of these documents that neither an upload nor an event names."""
        if not sums:
            return []
        waiting = await self._waiting()
        unwanted = []
        for start in range(0, len(sums), _PAGE):
            page = [sha256 for sha256 in sums[start : start + _PAGE] if sha256 not in waiting]
            attached = {row["sha256"] for row in await connection.fetch(_SQL.attached, page)}
            unwanted += [sha256 for sha256 in page if sha256 not in attached]
        return unwanted

    async def _waiting(self) -> set[str]:
        paths = [path async for path, _ in self._store.names(PREFIX)]
        return {sha256 for path in paths if (sha256 := await self._named(path))}

    async def _named(self, path: str) -> str | None:
        try:
            return msgspec.json.decode(await self._store.read(path), type=Upload).file.sha256
        except FileNotFoundError:
            return None

    async def _older(self, prefix: str, before: datetime) -> Iterable[str]:
        return [path async for path, changed in self._store.names(prefix) if changed < before]
