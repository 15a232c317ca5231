"""Resolves incidents whose known error was solved, in the name and with the words of whoever said so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from services.notifier.toolbox import Toolbox
from services.notifier.work import rows as work
from services.notifier.work.claims import apart, claim
from services.notifier.work.recording import record
from services.notifier.work.rows import Claimed
from shared.database import Connection, statements
from shared.events.base import Event
from shared.events.incident import IncidentCreated, IncidentResolved, KnownErrorLinked
from shared.events.knowledge import KnownErrorRetired
from shared.events.registry import decode
from shared.journal.read import read_stream
from shared.journal.records import Append, Meta, NewEvent, StoredEvent
from shared.life import COMMANDS, status_after

_SQL = statements(__file__, "solving.sql")


async def solve_all(tools: Toolbox, ids: Sequence[int], told: UUID) -> None:
    """Resolve the incidents of these rows that are open and linked still, and end the other rows.

    Only one row an incident at a time: another one of the same incident is given back.
    """
    decided: dict[UUID, tuple[Claimed, Append]] = {}
    for row in await claim(tools, ids, told):
        async with apart(tools, row, log="solve_broken"), tools.pool.acquire() as connection:
            if row.stream_id in decided:
                await work.later(connection, [row.id], row.lease, after=timedelta(0))
            elif command := await _solution(tools, connection, row):
                decided[row.stream_id] = (row, command)
            else:
                await work.done(connection, [row.id], row.lease)
    await record(tools, list(decided.values()), log="incidents_solved")


async def _solution(tools: Toolbox, connection: Connection, row: Claimed) -> Append | None:
    """The resolution at the version that was read; None where there is nothing to resolve."""
    retired = await _retirement(tools, connection, row)
    stored = await read_stream(connection, row.stream_id)
    resolved = resolution([decode(one.data) for one in stored], retired)
    if resolved is None:
        return None
    meta = Meta(owner=_requester(stored), cause=row.event_id)
    event_id = uuid5(row.event_id, f"solved:{row.stream_id}")
    return Append(
        stream_id=row.stream_id,
        events=(NewEvent(event_id=event_id, event=resolved, meta=meta),),
        recorded_at=tools.now(),
        expected_version=stored[-1].version,
    )


def resolution(events: Sequence[Event], retired: KnownErrorRetired) -> IncidentResolved | None:
    """What becomes of an incident when a known error is solved; None where it ended, or never was linked.

    Args:
        events: the incident's, oldest first.
        retired: the end of the known error.
    """
    linked = {event.known_error for event in events if isinstance(event, KnownErrorLinked)}
    statuses = [status for event in events if (status := status_after(event)) is not None]
    if statuses[-1] not in COMMANDS["resolve"].starts or retired.number not in linked:
        return None
    return IncidentResolved(by=retired.by, text=retired.text, known_error=retired.number)


async def _retirement(tools: Toolbox, connection: Connection, row: Claimed) -> KnownErrorRetired:
    """The event that caused the row, in the clear.

    Raises:
        LookupError, TypeError: there is none.
    """
    stream_id = await connection.fetchval(_SQL.stream_at, str(row.position.xid), row.position.position)
    stored = {one.event_id: one for one in await read_stream(connection, stream_id)}
    (recorded,) = await tools.vault.unseal([stored[row.event_id]], connection)
    if not isinstance(recorded.event, KnownErrorRetired):
        raise TypeError(f"work {row.id} was not caused by the end of a known error")
    return recorded.event


def _requester(stored: Sequence[StoredEvent]) -> UUID:
    created = decode(stored[0].data)
    if not isinstance(created, IncidentCreated):
        raise TypeError(f"stream {stored[0].stream_id} does not begin with an incident")
    return created.requester.id
