"""What must be tidied once a minute by one intake process among all: room in the journal, files nobody attached.

Each minute has its shelf, one of the 256 that documents stand on, so that every document is looked at some five times a
day and no minute has to go through all that was ever kept. Which shelf it is, the clock says: any process can go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from services.intake.uploads import PREFIX, Upload
from shared.database import AWAY, Connection, Pool, statements, stay_cancelled
from shared.documents import (
    INCOMING,
    SHELVES,
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
#: How much longer its bytes stay, at least: a command that found the note in its last second still finds them.
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
        shelves: the parts of the store that are looked through in turn.
    """

    def __init__(
        self, pool: Pool, store: DocumentStore, now: Callable[[], datetime], shelves: Sequence[str] = SHELVES
    ) -> None:
        self._pool = pool
        self._store = store
        self._now = now
        self._shelves = shelves

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
        now = self._now()
        await self._settle_leaving(connection)
        await self._clear(self._shelf(now), now - _PATIENCE - _GRACE, connection)
        # Notes go last: the bytes of one that goes now are not looked at before their shelf's next turn.
        for prefix in (INCOMING, PREFIX):
            await self._sweep(prefix, now - _PATIENCE)

    def _shelf(self, now: datetime) -> str:
        return self._shelves[int(now.timestamp() // _EVERY) % len(self._shelves)]

    async def _clear(self, shelf: str, before: datetime, connection: Connection) -> None:
        """Take the documents that nobody wants from a shelf, by way of where they are looked at once more."""
        old = [path.rsplit("/", 1)[1] for path in await self._older(shelf, before)]
        unwanted = await self._unwanted(connection, old)
        for sha256 in unwanted:
            await self._store.move(object_path(sha256), f"{_LEAVING}{sha256}")
        if unwanted:
            await self._settle_leaving(connection)

    async def _sweep(self, prefix: str, before: datetime) -> None:
        """Delete what only passes through the store and did not go on in time."""
        for path in await self._older(prefix, before):
            await self._store.delete(path)
        if dropped := await self._store.drop_unfinished(prefix, before):
            _log.info("unfinished_writes_dropped", prefix=prefix, count=dropped)

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
        """Those of these documents that neither an event nor an upload names.

        Nearly all are attached, so the notes of uploads are read for the others alone. Nothing is attached unseen
        between the two questions: a command needs the note, and one whose note is gone found it an hour ago or earlier.
        """
        attached: set[str] = set()
        for start in range(0, len(sums), _PAGE):
            rows = await connection.fetch(_SQL.attached, sums[start : start + _PAGE])
            attached.update(row["sha256"] for row in rows)
        others = [sha256 for sha256 in sums if sha256 not in attached]
        waiting = await self._waiting() if others else set()
        return [sha256 for sha256 in others if sha256 not in waiting]

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
