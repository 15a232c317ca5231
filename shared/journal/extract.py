"""Taking parts out of the journal: what was recorded within some time, of one type or of all, and whole streams."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple, TypeVar
from uuid import UUID

from shared.database import Connection, Pool, statements
from shared.journal.read import stored_event
from shared.journal.records import Position, StoredEvent

T = TypeVar("T")

_SQL = statements(__file__, "extract.sql")


class Part(NamedTuple):
    """Which events are taken out.

    Attributes:
        after: position of the last event before them.
        since: recorded at this instant or later.
        until: recorded before this instant.
        type: name of theirs, without version, a constant of the code; None for all.
    """

    after: Position
    since: datetime
    until: datetime
    type: str | None = None


class Span(NamedTuple):
    """What there is of a part at one moment; nothing is added to it any more.

    Attributes:
        events: how many there are.
        first, last: the transactions between which they stand, both included; None where there are no events.
    """

    events: int
    first: int | None
    last: int | None


def _statement(text: str, kind: str | None) -> str:
    return text.format(wanted=f"e.type = '{kind}'" if kind else "true")


async def span(connection: Connection, part: Part) -> Span:
    """Look how much there is of a part."""
    row = await connection.fetchrow(_statement(_SQL.span, part.type), *part.after, part.since, part.until)
    return Span(*row) if row else Span(0, None, None)


async def pages(
    pool: Pool, part: Part, found: Span, size: int, read: Callable[[Connection, list[StoredEvent]], Awaitable[T]]
) -> AsyncIterator[T]:
    """What is made of the events of a part, page by page; no connection is kept between two.

    Args:
        pool: of any role.
        part: which events.
        found: what `span` said of it.
        size: events in a page.
        read: makes something of a page, and may read more with the connection.
    """
    if found.first is None:
        return
    after = max(part.after, Position(found.first, 0))
    statement = _statement(_SQL.page, part.type)
    full = True
    while full:
        async with pool.acquire() as connection:
            rows = await connection.fetch(statement, *after, found.last, part.since, part.until, size)
            page = [stored_event(row) for row in rows]
            made = await read(connection, page) if page else None
        if made is None:
            return
        yield made
        after, full = page[-1].position, len(page) == size


async def first_instant(connection: Connection) -> datetime | None:
    """When anything was recorded first; None in an empty journal."""
    found: datetime | None = await connection.fetchval(_SQL.first)
    return found


async def months(connection: Connection, kind: str | None) -> dict[str, int]:
    """How many events of a type were recorded in each month of Europe/Paris, e.g. `2026-11`; reads all of them."""
    return {row["month"]: row["events"] for row in await connection.fetch(_statement(_SQL.months, kind))}


async def streams(connection: Connection, stream_ids: Sequence[UUID]) -> dict[UUID, list[StoredEvent]]:
    """All events of some streams, oldest first, by stream."""
    rows = await connection.fetch(_SQL.streams, stream_ids)
    return {stream: list(events) for stream, events in groupby(map(stored_event, rows), key=lambda one: one.stream_id)}
