"""Deletes the documents that nobody wants: never attached, left by a write that broke off, or of erased people.

Each minute has its shelf, one of the 256 that documents stand on, so that every document is looked at some five times a
day and no minute has to go through all that was ever kept. Which shelf it is, the clock says: any process can go on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from services.intake.post.archive import forget as forget_mails
from services.intake.uploads import PREFIX, Upload, note_path
from shared.database import Connection, statements
from shared.documents import INCOMING, SHELVES, DocumentStore, object_path
from shared.journal.erasures import ERASED_TYPE, erased_person
from shared.journal.read import Wanted, checkpoint, read_stretch
from shared.logs import logger

_log = logger(__name__)
_SQL = statements(__file__, "collecting.sql")

#: Seconds for which a shelf has its turn.
EVERY: Final = 60.0
#: How long a file waits for a command to name it.
_PATIENCE: Final = timedelta(days=1)
#: How much longer its bytes stay, at least: a command that found the note in its last second still finds them.
_GRACE: Final = timedelta(hours=1)
#: Where a document lies while it is made sure that nobody wants it.
_LEAVING: Final = "leaving/"
_PAGE: Final = 500
#: The name under which it is kept up to where erasures have been seen to.
_CHECKPOINT: Final = "intake.erasures"
_EXAMINED: Final = 20_000
_ERASURES: Final = Wanted(types=(ERASED_TYPE,))


class Collector:
    """Goes through the store, for whoever leads.

    Args:
        store: of the documents.
        shelves: the parts of the store that are looked through in turn.
    """

    def __init__(self, store: DocumentStore, shelves: Sequence[str] = SHELVES) -> None:
        self._store = store
        self._shelves = shelves

    async def collect(self, connection: Connection, now: datetime) -> None:
        """Delete what nobody wants any more, as far as it is its turn."""
        await self._settle_leaving(connection)
        while await self._follow_erasures(connection):
            pass
        await self._clear(self._shelf(now), now - _PATIENCE - _GRACE, connection)
        # Notes go last: the bytes of one that goes now are not looked at before their shelf's next turn.
        for prefix in (INCOMING, PREFIX):
            await self._sweep(prefix, now - _PATIENCE)

    # ── what was erased ─────────────────────────────────────────────────────

    async def _follow_erasures(self, connection: Connection) -> bool:
        """See to the next erasures in the journal; whether there may be more. Doing it twice changes nothing."""
        after = await checkpoint(connection, _CHECKPOINT)
        found = await read_stretch(connection, after, _PAGE, _ERASURES, examined=_EXAMINED)
        if found.events:
            await self._forget([erased_person(stored) for stored in found.events], connection)
        if found.end != after:
            await connection.execute(_SQL.advance, _CHECKPOINT, *found.end)
        return found.more

    async def _forget(self, people: Collection[UUID], connection: Connection) -> None:
        """Delete notes, documents and mails of people, as far as no others have the same; clear their keys away.

        What was never attached goes with its shelf where this breaks off between note and document.
        """
        rows = await connection.fetch(_SQL.documents_of, [str(person) for person in people])
        notes = [(path, upload) for path, upload in await self._notes() if upload.person in people]
        sums = [row["sha256"] for row in rows] + [upload.file.sha256 for _, upload in notes]
        for path in {note_path(row["document"]) for row in rows} | {path for path, _ in notes}:
            await self._store.delete(path)
        await self._remove(sums, connection)
        for person in people:
            await forget_mails(self._store, person)
        await connection.execute(_SQL.clear_away)

    # ── what nobody wants ───────────────────────────────────────────────────

    def _shelf(self, now: datetime) -> str:
        return self._shelves[int(now.timestamp() // EVERY) % len(self._shelves)]

    async def _clear(self, shelf: str, before: datetime, connection: Connection) -> None:
        """Take the documents that nobody wants from a shelf."""
        await self._remove([path.rsplit("/", 1)[1] for path in await self._older(shelf, before)], connection)

    async def _remove(self, sums: Iterable[str], connection: Connection) -> None:
        """Delete those of these documents that nobody wants, by way of where they are looked at once more."""
        unwanted = await self._unwanted(connection, list(dict.fromkeys(sums)))
        for sha256 in unwanted:
            with suppress(FileNotFoundError):  # deleted before
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
        waiting = {upload.file.sha256 for _, upload in await self._notes()} if others else set()
        return [sha256 for sha256 in others if sha256 not in waiting]

    async def _notes(self) -> list[tuple[str, Upload]]:
        paths = [path async for path, _ in self._store.names(PREFIX)]
        return [(path, upload) for path in paths if (upload := await self._note(path))]

    async def _note(self, path: str) -> Upload | None:
        try:
            return msgspec.json.decode(await self._store.read(path), type=Upload)
        except FileNotFoundError:
            return None

    async def _older(self, prefix: str, before: datetime) -> Iterable[str]:
        return [path async for path, changed in self._store.names(prefix) if changed < before]
