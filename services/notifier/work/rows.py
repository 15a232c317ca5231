"""The rows of work: planned with the journal, given out under a lease, claimed once, ended for good.

A lease is a random id. The dispatcher writes one on the rows it gives out and names it in the message; a worker
claims a row only under that lease and puts its own in its place; whatever names a lease that is gone, be it a message
delivered twice or a worker that was frozen, changes nothing. Leases and back-off run on the database's clock, the only
one that all hosts share.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from services.notifier.work.duplicates import progress
from services.notifier.work.planning import ENDS_OFFERS, NewWork, deliveries_for, looks_for, work_for
from services.notifier.work.queues import Kind
from shared.database import Connection, Pool, statements
from shared.events.person import PersonErased
from shared.journal.read import read_stream
from shared.journal.records import Position, Recorded
from shared.journal.sealing import leave_sealed
from shared.targets.due import MOVERS
from shared.webhooks import WEBHOOKS_STREAM, fold

_sql = statements(__file__, "rows.sql")

#: How long a temporary failure may go on before the row is dead.
PATIENCE: Final = timedelta(days=3)
#: How long a message may take from the dispatcher to a worker. Short: when it comes late it does nothing.
ON_THE_WAY: Final = timedelta(seconds=20)
#: How long a row stays with the worker that claimed it. Longer than anything done under one lease
#: (`mailer.Server.send_limit`).
LEASE: Final = timedelta(seconds=120)
#: How long ended rows are kept for whoever looks.
MEMORY: Final = timedelta(days=30)


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A row in a worker's hands.

    Attributes:
        lease: what the worker must name to end it.
        attempts: tries so far, this one included.
        last_try: a temporary failure now is final.
    """

    id: int
    lease: UUID
    event_id: UUID
    stream_id: UUID
    position: Position
    recipient: str
    attempts: int
    last_try: bool


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows of a kind are in a state: due, waiting, leased, done or dead."""

    kind: str
    state: str
    rows: int


class Dead(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was given up, with the last thing that went wrong."""

    id: int
    kind: str
    event_id: UUID
    stream_id: UUID
    number: str | None
    recipient: str
    attempts: int
    dead_at: datetime
    last_error: str


async def plan(connection: Connection, page: Sequence[Recorded]) -> None:
    """Insert the work that these events cause, wake what they end or move, forget what errors say of erased people.

    Handles a page twice as once.
    """
    webhooks = fold(leave_sealed(await read_stream(connection, WEBHOOKS_STREAM)))
    rows = [work for recorded in page for work in work_for(recorded)] + deliveries_for(page, webhooks)
    rows += looks_for(page) + await progress(connection, page)
    await insert(connection, rows)
    ended = {recorded.stream_id for recorded in page if isinstance(recorded.event, ENDS_OFFERS)}
    if ended:
        await wake_offers(connection, list(ended))
    if any(isinstance(recorded.event, MOVERS) for recorded in page):
        await connection.execute(_sql.wake_targets)
    if erased := [str(recorded.event.person) for recorded in page if isinstance(recorded.event, PersonErased)]:
        await connection.execute(_sql.forget_errors, erased)


async def insert(connection: Connection, rows: Sequence[NewWork]) -> None:
    """Insert rows of work; those that stand already are left alone."""
    if rows:
        await connection.execute(
            _sql.insert,
            [work.kind for work in rows],
            [work.cause.event_id for work in rows],
            [work.duplicate.stream if work.duplicate else work.cause.stream_id for work in rows],
            [work.cause.position.xid for work in rows],
            [work.cause.position.position for work in rows],
            [work.recipient for work in rows],
            [work.cause.recorded_at for work in rows],
            PATIENCE,
            [work.duplicate.number if work.duplicate else work.cause.number for work in rows],
            [work.due_at for work in rows],
        )


async def wake_offers(connection: Connection, streams: Sequence[UUID]) -> None:
    """Look at the open offers of these incidents now: they were taken, moved or ended."""
    await connection.execute(_sql.wake_offers, streams)


async def wake(connection: Connection, ids: Sequence[int]) -> None:
    """Make rows due now that wait in nobody's hands."""
    await connection.execute(_sql.wake, ids)


async def lease(connection: Connection, kind: Kind, token: UUID, *, batch: int, in_flight: int) -> list[int]:
    """Give out at most `batch` due rows under a new lease; fewer when `in_flight` of the kind are out already."""
    rows = await connection.fetch(_sql.lease, kind, in_flight, batch, token, ON_THE_WAY)
    return [row["id"] for row in rows]


async def claim(connection: Connection, ids: Sequence[int], told: UUID, token: UUID) -> list[Claimed]:
    """Take the rows that still stand under the lease `told`, and hold them under `token`."""
    rows = await connection.fetch(_sql.claim, ids, told, token, LEASE)
    return [
        Claimed(
            id=row["id"],
            lease=token,
            event_id=row["event_id"],
            stream_id=row["stream_id"],
            position=Position(row["xid"], row["position"]),
            recipient=row["recipient"],
            attempts=row["attempts"],
            last_try=row["last_try"],
        )
        for row in sorted(rows, key=lambda row: row["id"])
    ]


async def done(connection: Connection, ids: Sequence[int], token: UUID) -> set[int]:
    """End rows for good; gives those that were still held under `token`."""
    return {row["id"] for row in await connection.fetch(_sql.done, ids, token)}


async def failed(connection: Connection, row: Claimed, *, error: str, within: timedelta | None = None) -> None:
    """Give a row back after a failure that may pass, or up where patience is over.

    Args:
        connection: of the notifier.
        row: in this worker's hands.
        error: what went wrong; names nobody.
        within: how soon it is due again at the latest; None leaves that to its back-off.
    """
    if row.last_try:
        await dead(connection, row, error=error)
    else:
        await connection.execute(_sql.again, row.id, row.lease, within, error)


async def later(connection: Connection, ids: Sequence[int], token: UUID, *, after: timedelta) -> None:
    """Give rows back without blame: due after `after`."""
    await connection.execute(_sql.later, ids, token, after)


async def dead(connection: Connection, row: Claimed, *, error: str) -> bool:
    """Give a row up: it never goes out again unless somebody asks for it. False when another worker holds it."""
    return await connection.fetchval(_sql.dead, row.id, row.lease, error) is not None


async def counts(connection: Connection | Pool) -> list[Count]:
    """What there is, by kind and state."""
    return [Count(**row) for row in await connection.fetch(_sql.counts)]


async def dead_rows(connection: Connection | Pool) -> list[Dead]:
    """Everything that was given up, oldest first."""
    return [Dead(**row) for row in await connection.fetch(_sql.dead_rows)]


async def retry(connection: Connection | Pool, row: int | None) -> list[int]:
    """Make one dead row due again, or all of them; gives the ids that were dead."""
    return [found["id"] for found in await connection.fetch(_sql.retry, row, PATIENCE)]


async def forget(connection: Connection) -> None:
    """Remove some rows that ended more than `MEMORY` ago."""
    await connection.execute(_sql.forget, MEMORY)
