"""Other incidents that one has to do with, each as its own events have it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.query.incidents.fold import State, evolve
from services.query.past.instants import as_of
from services.query.projections import follow_ups
from services.query.viewer import Viewer
from shared.database import Connection, Record
from shared.events.incident import IncidentsMerged
from shared.journal.read import read_stream, read_stream_by_number
from shared.journal.records import Recorded
from shared.journal.sealing import leave_sealed
from shared.wire.incidents import RelatedIncident


class Related(NamedTuple):
    """What an incident has to do with, as far as the reader may know of it.

    Attributes:
        leader: in which it goes on.
        former: which it follows.
        later: which follow it.
    """

    leader: RelatedIncident | None = None
    former: RelatedIncident | None = None
    later: Sequence[RelatedIncident] = ()


UNRELATED: Final = Related()


async def read(
    connection: Connection, schema: str, viewer: Viewer, events: Sequence[Recorded], instant: datetime | None = None
) -> Related:
    """The incidents that one with these events has to do with, as they were at an instant.

    Args:
        connection: of the read side.
        schema: of the tracking view, which knows what follows what.
        viewer: who reads.
        events: of the incident, the creation first.
        instant: the last one that counts; None for the present.
    """
    rows = await follow_ups.around(connection, schema, events[0].number or "")
    seen = [row for row in rows if viewer.is_agent or viewer.person in _people(row)]
    former = [await _named(connection, viewer, row, instant) for row in seen if row["is_former"]]
    later = [await _named(connection, viewer, row, instant) for row in seen if not row["is_former"]]
    return Related(
        leader=await _leader(connection, viewer, events, instant),
        former=next(iter(former), None),
        later=[item for item in later if item is not None],
    )


def _people(row: Record) -> set[UUID | None]:
    return {row["requester"], row["beneficiary"], row["recorded_by"]}


async def _named(
    connection: Connection, viewer: Viewer, row: Record, instant: datetime | None
) -> RelatedIncident | None:
    """An incident by its number; None where it was created after the instant."""
    events = leave_sealed(await read_stream_by_number(connection, row["number"]))
    return _item(as_of(events, instant), viewer)


async def _leader(
    connection: Connection, viewer: Viewer, events: Sequence[Recorded], instant: datetime | None
) -> RelatedIncident | None:
    """The incident in which one goes on; where that one was merged later, the one after it."""
    merger = _merger(events)
    while merger is not None:
        events = as_of(leave_sealed(await read_stream(connection, merger.into.stream)), instant)
        if (further := _merger(events)) is None:
            return _item(events, viewer)
        merger = further
    return None


def _merger(events: Sequence[Recorded]) -> IncidentsMerged | None:
    return next((one.event for one in reversed(events) if isinstance(one.event, IncidentsMerged)), None)


def _item(events: Sequence[Recorded], viewer: Viewer) -> RelatedIncident | None:
    state: State | None = None
    for recorded in events:
        state = evolve(state, recorded)
    if state is None:
        return None
    number = state.number if viewer.is_agent or state.is_own(viewer.person) else None
    return RelatedIncident(number=number, status=state.status, status_label=state.status.label)
