"""Reading the journal: page by page in its one order, or stream by stream."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from shared.database import Connection, Record, statements
from shared.journal.records import START, Meta, Position, StoredEvent

_SQL = statements(__file__, "read.sql")
_META = msgspec.json.Decoder(Meta)


class JournalRestoredError(Exception):
    """The journal holds transaction ids that this server has not given out yet.

    It was restored from a dump onto another server. What is appended now would stand before what was appended
    then, and followers would never see it.
    """


async def read_page(
    connection: Connection, after: Position, limit: int = 1000, types: Sequence[str] | None = None
) -> list[StoredEvent]:
    """The events after a position, oldest first, of which nothing can come before any more.

    Fewer than `limit` means that the head was reached. The statement is to be the first of its transaction, or the
    isolation READ COMMITTED.

    Args:
        connection: of any role.
        after: position of the last event that was seen; `START` for none.
        limit: most events to give.
        types: names without version, e.g. `IncidentCreated`; None for all.
    """
    if types is None:
        rows = await connection.fetch(_SQL.page, *after, limit)
    else:
        rows = await connection.fetch(_SQL.page_of_types, *after, limit, list(types))
    return [_stored(row) for row in rows]


async def read_stream(connection: Connection, stream_id: UUID) -> list[StoredEvent]:
    """All events of a stream, oldest first, up to the last committed one; empty where there is none."""
    return [_stored(row) for row in await connection.fetch(_SQL.stream, stream_id)]


async def read_stream_by_number(connection: Connection, number: str) -> list[StoredEvent]:
    """All events of the stream with exactly this number (see `numbers.normalise`); empty where there is none."""
    stream_id = await find_stream(connection, number)
    return await read_stream(connection, stream_id) if stream_id else []


async def find_stream(connection: Connection, number: str) -> UUID | None:
    """The stream with exactly this number."""
    found: UUID | None = await connection.fetchval(_SQL.find, number)
    return found


async def stream_version(connection: Connection, stream_id: UUID) -> int:
    """Version of the last event of a stream; 0 where there is none."""
    return await connection.fetchval(_SQL.version, stream_id) or 0


async def checkpoint(connection: Connection, name: str) -> Position:
    """How far the follower of this name has read; `START` where it never did."""
    row = await connection.fetchrow(_SQL.checkpoint, name)
    return Position(row["xid"], row["position"]) if row else START


async def fence(connection: Connection) -> int:
    """The transaction id below which every event can be read, and none will be added."""
    return int(await connection.fetchval(_SQL.fence))


async def fence_age(connection: Connection) -> float:
    """Seconds for which the oldest writing transaction of the server has held followers back; 0 for none."""
    return float(await connection.fetchval(_SQL.fence_age))


async def refuse_restored(connection: Connection) -> None:
    """Make sure that transaction ids still grow; to be asked once at start by whatever appends or follows.

    Raises:
        JournalRestoredError: they started again, and positions have to be rebased first.
    """
    row = await connection.fetchrow(_SQL.head)
    if row and row["last"] is not None and row["last"] >= row["next"]:
        raise JournalRestoredError(
            f"the journal ends at transaction {row['last']}, this server is only at {row['next']}: "
            "it was restored from a dump, and its positions have to be rebased before anything is written"
        )


def _stored(row: Record) -> StoredEvent:
    xid, position, stream_id, version, event_id, kind, schema, recorded_at, number, data, meta = row
    return StoredEvent(
        position=Position(xid, position),
        stream_id=stream_id,
        version=version,
        event_id=event_id,
        type=kind,
        schema=schema,
        recorded_at=recorded_at,
        data=data,
        meta=_META.decode(meta),
        number=number,
    )
