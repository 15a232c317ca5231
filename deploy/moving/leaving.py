"""The way out: the events block by block, then everything else; what was written by an earlier run is gone on with."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import asyncpg
import msgspec

from deploy.archive import SEALS, attached, copy_documents, copy_mails, store_in
from deploy.home import Refused
from deploy.moving import cargo, tables
from deploy.moving.cargo import Events, Manifest, Rest
from deploy.moving.lock import Lock, LockedStore
from shared import clock
from shared.database import Connection, Record, statements
from shared.documents import SHELVES, DocumentStore, object_path
from shared.journal.records import Position

_SQL = statements(__file__, "leaving.sql")
#: Events in a file.
_PART: Final = 10_000
PATIENT: Final = {
    "application_name": "cecoia moving",
    "timezone": "UTC",
    "transaction_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}

Tell = Callable[[int], None]


class House(NamedTuple):
    """What is left: addresses of the database, as its owner, and of the store; the witness, which need not be there."""

    database_url: str
    documents_url: str
    seals: Path


def leave(house: House, folder: Path, lock: Lock, tell: Tell) -> Manifest:
    """Write the whole history into a folder, or what was added since this was done before.

    The database is read in one snapshot, and nobody is held up.

    Args:
        house: where from.
        folder: new, or of an earlier run over the same journal, interrupted or not.
        lock: what neither journal nor mails seal goes through it.
        tell: hears how many events are written, after each part.

    Raises:
        Refused: the folder holds another journal, or was locked with another key.
        Exception: one of `archive.FAILURES`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if house.seals.exists():  # before the snapshot, which then has every block that is witnessed
        shutil.copyfile(house.seals, folder / SEALS)
    manifest = asyncio.run(_leave(house, folder, lock, tell))
    cargo.save(folder, manifest)
    return manifest


async def _leave(house: House, folder: Path, lock: Lock, tell: Tell) -> Manifest:
    connection = await asyncpg.connect(house.database_url, timeout=10, server_settings=PATIENT)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            (state,) = await connection.fetch(_SQL.state)
            manifest = await _begin(connection, folder, lock, state["migration"])
            async for part in _events(connection, folder, manifest, state["fence"]):
                manifest = msgspec.structs.replace(manifest, events=[*manifest.events, part])
                cargo.save(folder, manifest)
                tell(manifest.count)
            rest = await _rest(connection, folder, lock, state)
            copied = await _documents(connection, DocumentStore(house.documents_url), store_in(folder), lock)
            return msgspec.structs.replace(manifest, rest=rest.with_documents(*copied))
    finally:
        await connection.close()


async def _begin(connection: Connection, folder: Path, lock: Lock, migration: int) -> Manifest:
    """The manifest that is gone on with; until the end is reached it says that the rest is missing."""
    if not (folder / cargo.MANIFEST).exists():
        return Manifest(migration=migration, lock=lock.mark)
    manifest = cargo.read(folder, lock)
    if manifest.events:
        chain = await connection.fetchval(_SQL.chain, *manifest.last)
        if not chain or chain.hex() != manifest.events[-1].chain:
            raise Refused(f"{folder} holds the history of another installation")
    manifest = msgspec.structs.replace(manifest, migration=migration, lock=lock.mark, rest=None)
    cargo.save(folder, manifest)
    return manifest


async def _events(connection: Connection, folder: Path, manifest: Manifest, fence: int) -> AsyncIterator[Events]:
    """Write what stands after the manifest's last event and below the fence."""
    last, number = manifest.last, len(manifest.events)
    while rows := await connection.fetch(_SQL.page, *last, fence, _PART):
        number += 1
        part = cargo.write_part(folder, f"{cargo.EVENTS}/{number:06}", map(_line, rows))
        last = Position(rows[-1]["xid"], rows[-1]["position"])
        yield Events(
            name=part.name, rows=part.rows, sha256=part.sha256, last=last.encode(), chain=rows[-1]["chain"].hex()
        )


def _line(row: Record) -> bytes:
    fields: dict[str, Any] = dict(row.items())
    return msgspec.json.encode(fields)


async def _rest(connection: Connection, folder: Path, lock: Lock, state: Record) -> Rest:
    shutil.rmtree(folder / "tables", ignore_errors=True)
    return Rest(
        made_at=clock.now(),
        at_rest=state["at_rest"],
        transaction=state["transaction"],
        tables=await tables.pack(connection, folder, lock),
        sequences=await tables.sequences(connection),
    )


async def _documents(
    connection: Connection, source: DocumentStore, target: DocumentStore, lock: Lock
) -> tuple[int, list[str]]:
    """Copy documents that are not there yet, take away those of people who were erased since, and copy all mails.

    Returns:
        How many documents are there, and which could not be copied.
    """
    async for path, _ in target.names("mails/"):
        await target.delete(path)  # it may have another place by now
    await copy_mails(source, target)
    _, lost = await copy_documents(source, LockedStore(target, lock), absent(target, attached(connection)))
    return await _sweep(connection, target), lost


async def absent(store: DocumentStore, wanted: AsyncIterator[str]) -> AsyncIterator[str]:
    """Of some documents, by their sha256, those that a store does not have."""
    async for sha256 in wanted:
        try:
            await store.size(sha256)
        except FileNotFoundError:
            yield sha256


async def _sweep(connection: Connection, store: DocumentStore) -> int:
    """Delete documents that nobody has any more; how many are left."""
    left = 0
    for shelf in SHELVES:
        found = [path.removeprefix(shelf) async for path, _ in store.names(shelf)]
        unwanted = [row["sha256"] for row in await connection.fetch(_SQL.unwanted, found)]
        for sha256 in unwanted:
            await store.delete(object_path(sha256))
        left += len(found) - len(unwanted)
    return left
