"""Other incidents that one has to do with, each as its own events have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from services.query.incidents.fold import State, evolve
from services.query.viewer import Viewer
from shared.database import Connection
from shared.events.incident import IncidentsMerged
from shared.journal.read import read_stream
from shared.journal.records import Recorded
from shared.journal.sealing import leave_sealed
from shared.wire import RelatedIncident


class Related(NamedTuple):
    """What an incident has to do with; `leader` is the one in which it goes on."""

    leader: RelatedIncident | None = None


UNRELATED: Final = Related()


async def read(connection: Connection, viewer: Viewer, events: Sequence[Recorded]) -> Related:
    """The incidents that one with these events has to do with, as far as the reader may know of them."""
    return Related(leader=await _leader(connection, viewer, events))


async def _leader(connection: Connection, viewer: Viewer, events: Sequence[Recorded]) -> RelatedIncident | None:
    """The incident in which one goes on; where that one was merged later, the one after it."""
    merger = _merger(events)
    while merger is not None:
        events = leave_sealed(await read_stream(connection, merger.into.stream))
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
