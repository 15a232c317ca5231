"""What has become of an incident: `evolve` folds what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from shared.events import incident as events
from shared.events.base import Event
from shared.events.vocabulary import HoldReason, Status
from shared.life import LEADS, giver_after, status_after


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What deciding needs to know of an incident.

    Attributes:
        version: counts its events.
        hold: why it was last on hold.
        closed_at: when it was closed last; None for never.
        given_by: who transferred it to the group where it waits since.
        duplicates: incidents that go on in this one.
        known_errors: numbers of those that it is linked to.
    """

    number: str
    version: int
    status: Status
    subject: str
    requester: UUID
    beneficiary: UUID | None
    recorded_by: UUID
    group: str | None = None
    responsible: UUID | None = None
    closed_at: datetime | None = None
    given_by: UUID | None = None
    hold: HoldReason | None = None
    documents: frozenset[UUID] = frozenset()
    duplicates: tuple[events.Tie, ...] = ()
    known_errors: frozenset[str] = frozenset()

    @property
    def people(self) -> frozenset[UUID | None]:
        """Those whose own incident it is."""
        return frozenset({self.requester, self.beneficiary, self.recorded_by}) - {None}


def evolve(state: State | None, event: Event, at: datetime) -> State:
    """The state after one more event.

    Args:
        state: before it; None before the first.
        event: what happened.
        at: when it was recorded.
    """
    if isinstance(event, events.IncidentCreated):
        return State(
            number=event.number,
            version=1,
            status=LEADS[type(event)],
            subject=event.subject,
            requester=event.requester.id,
            beneficiary=event.beneficiary.id if event.beneficiary else None,
            recorded_by=event.recorded_by.id,
        )
    if state is None:
        raise ValueError("an incident begins with IncidentCreated")
    change = _CHANGES.get(type(event))
    return msgspec.structs.replace(
        state,
        version=state.version + 1,
        status=status_after(event) or state.status,
        closed_at=at if isinstance(event, events.IncidentClosed) else state.closed_at,
        given_by=giver_after(event, state.given_by),
        **(change(state, event) if change else {}),
    )


#: What each event changes besides version and status.
_CHANGES: Final[Mapping[type[Event], Callable[[State, Any], dict[str, Any]]]] = {
    events.IncidentUpdated: lambda state, event: {"subject": event.subject or state.subject},
    events.IncidentRouted: lambda _, event: {"group": event.group},
    events.DocumentAttached: lambda state, event: {"documents": state.documents | {event.document}},
    events.IncidentTaken: lambda _, event: {"group": event.group, "responsible": event.by.id},
    events.IncidentReleased: lambda _, event: {"group": event.group, "responsible": None},
    events.IncidentTransferred: lambda state, event: {
        "group": event.group,
        "responsible": None,
        "subject": event.subject or state.subject,
    },
    events.IncidentPutOnHold: lambda _, event: {"hold": event.reason},
    events.DuplicatesAdded: lambda state, event: {"duplicates": (*state.duplicates, *event.duplicates)},
    events.KnownErrorLinked: lambda state, event: {"known_errors": state.known_errors | {event.known_error}},
}


def fold(history: Iterable[tuple[Event, datetime]]) -> State | None:
    """The state after these events, each with the instant of its recording, oldest first; None after none."""
    state: State | None = None
    for event, at in history:
        state = evolve(state, event, at)
    return state
