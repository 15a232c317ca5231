"""Reading the journal: page by page in its one order, or stream by stream."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple
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


class Wanted(NamedTuple):
    """Which events a reader wants.

    Attributes:
        types: names without version, e.g. `IncidentCreated`; None for all.
        since: recorded at this instant or later; None for all.
        until: recorded before this instant; None for all.
    """

    types: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING: Final = Wanted()


class Stretch(NamedTuple):
    """A part of the journal that was looked through.

    Attributes:
        events: those that were wanted, oldest first.
        end: where to go on; nothing wanted stands before it that is not in `events`.
        more: whether something stands behind it already.
    """

    events: list[StoredEvent]
    end: Position
    more: bool


async def read_page(connection: Connection, after: Position, limit: int = 1000) -> list[StoredEvent]:
    """The events after a position, oldest first, of which nothing can come before any more.

    Fewer than `limit` means that the head was reached. The statement is to be the first of its transaction, or the
    isolation READ COMMITTED.

    Args:
        connection: of any role.
        after: position of the last event that was seen; `START` for none.
        limit: most events to give.
    """
    return [stored_event(row) for row in await connection.fetch(_SQL.page, *after, limit)]


async def read_stretch(
    connection: Connection, after: Position, limit: int, wanted: Wanted, *, examined: int
) -> Stretch:
    """The next events that are wanted; may be few or none although there are more, so that no call takes long.

    To be called outside of transactions, or in the isolation READ COMMITTED.

    Args:
        connection: of any role.
        after: where the last stretch ended; `START` for the first.
        limit: most events to give.
        wanted: which ones.
        examined: most events to look at, wanted or not.
    """
    # Whatever stands below a fence that was read before the page is in the page.
    end = Position(await fence(connection), 0)
    if wanted == EVERYTHING:
        page, cut = await read_page(connection, after, limit), None
    else:
        cut = await connection.fetchrow(_SQL.end_of_stretch, *after, examined)
        end = Position(*cut) if cut else end
        rows = await connection.fetch(_SQL.page_wanted, *after, limit, *end, *wanted)
        page = [stored_event(row) for row in rows]
    if len(page) == limit:
        return Stretch(page, page[-1].position, more=True)
    return Stretch(page, max(after, end, page[-1].position if page else after), more=cut is not None)


async def read_stream(connection: Connection, stream_id: UUID) -> list[StoredEvent]:
    """All events of a stream, oldest first, up to the last committed one; empty where there is none."""
    return [stored_event(row) for row in await connection.fetch(_SQL.stream, stream_id)]


async def read_streams(connection: Connection, streams: Iterable[UUID]) -> list[StoredEvent]:
    """All events of several streams, those of one after those of another, each stream's oldest first."""
    return [stored_event(row) for row in await connection.fetch(_SQL.streams, list(streams))]


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


def stored_event(row: Record) -> StoredEvent:
    """An event from its row, whose columns stand in the order of the statement `page`."""
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
