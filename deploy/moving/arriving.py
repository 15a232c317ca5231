"""The way in: into an empty database, every event where it stood, every chain recomputed before it is written."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TypedDict
from uuid import UUID

import asyncpg
import msgspec

from deploy import database
from deploy.archive import DOCUMENTS, FORGOTTEN, SEALS, attached, copy_documents, copy_mails, store_in
from deploy.furnishing import furnish
from deploy.home import Refused
from deploy.moving import cargo, tables
from deploy.moving.cargo import Events, Manifest, Rest
from deploy.moving.leaving import PATIENT, Tell, absent
from deploy.moving.lock import Lock, LockedStore
from shared.database import Connection, statements
from shared.documents import DocumentStore
from shared.journal.chain import digest_row
from shared.journal.migrate import migrate
from shared.journal.records import START, Position
from shared.journal.verify import Head, advance, verify
from shared.journal.verify_seals import Lie
from shared.journal.witness import Witness

_SQL = statements(__file__, "arriving.sql")
_PART: Final = "moving"
#: Positions in a partition of the journal.
_PARTITION: Final = 1_000_000


class Event(TypedDict):
    """A line of events: the columns of the journal."""

    xid: int
    position: int
    stream_id: UUID
    version: int
    event_id: UUID
    type: str
    schema: int
    recorded_at: datetime
    number: str | None
    data: str
    meta: str
    chain: bytes


_LINE: Final = msgspec.json.Decoder(Event)


def arrive(folder: Path, lock: Lock, home: Path, documents_url: str | None, tell: Tell) -> Manifest:
    """Bring an exported history into an empty home; what was interrupted goes on where it was.

    Args:
        folder: the export.
        lock: the one that it was locked with.
        home: empty, and not in use.
        documents_url: of the store that gets the documents; None for the one in the home.
        tell: hears how many events are there, after each block.

    Raises:
        Refused: the export is not whole, damaged, of a newer version, or lies; or the home is not empty.
        Exception: one of `archive.FAILURES`.
    """
    manifest = cargo.read(folder, lock)
    rest = _whole(folder, manifest)

    async def fill(part: Path, url: str) -> Manifest:
        shutil.copyfile(folder / cargo.MANIFEST, part / cargo.MANIFEST)
        if (folder / SEALS).exists():
            shutil.copyfile(folder / SEALS, part / SEALS)
        store = DocumentStore(documents_url or (part / DOCUMENTS).as_uri())
        await database.make(url)
        await migrate(url, until=manifest.migration)
        connection = await asyncpg.connect(url, timeout=10, server_settings=PATIENT)
        try:
            await tables.compare(connection, rest.tables)
            await _events(connection, folder, manifest.events, lock, tell)
            await _rest(connection, folder, rest, lock)
            await copy_mails(store_in(folder), store)
            wanted = absent(store, attached(connection))
            _, lost = await copy_documents(LockedStore(store_in(folder), lock), store, wanted)
            await _prove(connection, Witness(part / SEALS), manifest, sorted(set(lost) - set(rest.lost)))
        finally:
            await connection.close()
        return manifest

    def is_ours(part: Path) -> bool:
        begun = part / cargo.MANIFEST
        return begun.exists() and begun.read_bytes() == (folder / cargo.MANIFEST).read_bytes()

    return furnish(home, _PART, fill, rest.transaction, go_on=is_ours)


def _whole(folder: Path, manifest: Manifest) -> Rest:
    """The end of an export that can be moved into."""
    if not manifest.rest:
        raise Refused(f"{folder} is not whole; export again into the same folder, which goes on where it was")
    if not manifest.rest.at_rest:
        raise Refused(
            f"{folder} was written while services were at work; stop them and export again into the same folder, "
            "which adds what happened since, once no transaction is open in any database of its server"
        )
    return manifest.rest


async def _events(connection: Connection, folder: Path, parts: Sequence[Events], lock: Lock, tell: Tell) -> None:
    """Write what is not there yet."""
    row = await connection.fetchrow(_SQL.last)
    reached = Position(*row) if row else START
    count = 0
    for part in parts:
        count += part.rows
        if Position.decode(part.last) > reached:
            lines = cargo.read_part(folder, part, lock)
            await _write(connection, [_LINE.decode(line) for line in lines])
            tell(count)


async def _write(connection: Connection, events: Sequence[Event]) -> None:
    """Write a block, all or nothing."""
    heads = await _chained(connection, events)
    for position in {event["position"] // _PARTITION: event["position"] for event in events}.values():
        await connection.execute(_SQL.reach, position)
    async with connection.transaction():
        await connection.copy_records_to_table(
            "events",
            schema_name="journal",
            columns=list(events[0]),
            records=[tuple(event.values()) for event in events],
        )
        columns = zip(*((stream, *head) for stream, head in heads.items()), strict=True)
        await connection.execute(_SQL.move, *map(list, columns))


async def _chained(connection: Connection, events: Sequence[Event]) -> dict[UUID, Head]:
    """Where the streams of a block come to with it, recomputed.

    Raises:
        Refused: an event is not what was written, or not the next of its stream.
    """
    rows = await connection.fetch(_SQL.heads, list({event["stream_id"] for event in events}))
    heads = {row["stream_id"]: Head(row["version"], row["head"], row["number"], row["origin"]) for row in rows}
    try:
        for event in events:
            advance(heads, event, digest_row(event))
    except Lie as lie:
        raise Refused(f"the history lies: {lie}") from lie
    return heads


async def _rest(connection: Connection, folder: Path, rest: Rest, lock: Lock) -> None:
    await tables.unpack(connection, folder, rest.tables, lock)
    await tables.set_sequences(connection, rest.sequences)
    for forget in FORGOTTEN:
        await connection.execute(forget)


async def _prove(connection: Connection, witness: Witness, manifest: Manifest, lost: Sequence[str]) -> None:
    """Make sure that all of it arrived."""
    finding = await verify(connection, witness)
    if finding.lie:
        raise Refused(f"the history lies: {finding.lie}")
    if finding.events != manifest.count:
        raise Refused(f"{finding.events} events arrived, and {manifest.count} were sent")
    if lost:
        raise Refused(f"documents are gone or damaged: {' '.join(lost)}")
