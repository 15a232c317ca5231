"""What an incident is now: a pure fold of its events, shared by the tracking view and the detail page."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from shared.events import incident, notification
from shared.events.base import Event, Person
from shared.events.vocabulary import HoldReason, Origin, Status, Urgency
from shared.journal.records import Recorded
from shared.life import LEADS, status_after
from shared.targets import clocks
from shared.targets.clocks import Clocks
from shared.targets.due import Case

EXCERPT_LENGTH: Final = 160

REQUESTER: Final = "requester"
AGENT: Final = "agent"
SYSTEM: Final = "system"


class State(msgspec.Struct, frozen=True, kw_only=True):
    """An incident after some of its events; each field is a column of the tracking view.

    Attributes:
        requester_marks: public contributions from the requester's side so far, the creation included.
        agent_marks: public contributions from the assistance so far.
        last_word: side that wrote last since the creation; None while nobody did.
        hold: what the incident waits for, and `hold_until` when it resumes by itself; None while it is not on hold.
        clocks: the time that counts for its targets.
        take_due_at: when the target of taking runs out, `resolve_due_at` that of resolving, `due_at` the next of them.
            They depend on the catalogue as well, so that only the tracking view fills them in.
    """

    stream_id: UUID
    number: str
    version: int
    subject: str
    status: Status
    urgency: Urgency
    origin: Origin
    excerpt: str
    recorded_at: datetime
    updated_at: datetime
    requester: UUID
    requester_name: str
    beneficiary: UUID | None
    beneficiary_name: str | None
    recorded_by: UUID
    responsible: UUID | None = None
    responsible_name: str | None = None
    group_code: str | None = None
    documents: int = 0
    requester_marks: int = 1
    agent_marks: int = 0
    last_word: str | None = None
    hold: HoldReason | None = None
    hold_until: datetime | None = None
    clocks: Clocks
    take_due_at: datetime | None = None
    resolve_due_at: datetime | None = None
    due_at: datetime | None = None

    @property
    def case(self) -> Case:
        """What its due times depend on."""
        return Case(self.subject, self.urgency, self.clocks)

    def concerns(self, person: UUID) -> bool:
        """Whether the incident is asked for by somebody, or for them."""
        return person in {self.requester, self.beneficiary}

    def is_own(self, person: UUID) -> bool:
        """Whether it concerns somebody, or was written down by them."""
        return self.concerns(person) or person == self.recorded_by

    def side(self, person: Person | None) -> str:
        """On which side of the counter somebody stands for this incident."""
        if person is None:
            return SYSTEM
        return REQUESTER if self.concerns(person.id) else AGENT


def excerpt(text: str) -> str:
    """The start of a text on one line, cut at a word where one ends near."""
    line = " ".join(text.replace("\0", " ").split())
    if len(line) <= EXCERPT_LENGTH:
        return line
    cut = line[: EXCERPT_LENGTH - 1]
    head, blank, _ = cut.rpartition(" ")
    return (head if blank and len(head) > EXCERPT_LENGTH // 2 else cut) + "…"


def evolve(state: State | None, recorded: Recorded) -> State | None:
    """The incident after one more event.

    Args:
        state: the incident before it; None before its creation.
        recorded: the event. One that stands at or below `state.version` was folded already and changes nothing.

    Returns:
        None while the stream has shown no creation: it is not an incident's.
    """
    event = recorded.event
    if isinstance(event, incident.IncidentCreated):
        return state or _created(event, recorded)
    if state is None or recorded.version <= state.version:
        return state
    change = CHANGES.get(type(event))
    moved = {} if change is None else change(state, event)
    moved["status"] = status_after(event) or state.status
    if moved["status"] is not Status.ON_HOLD:
        moved |= {"hold": None, "hold_until": None}
    if type(event) not in SILENT:
        moved["updated_at"] = recorded.recorded_at
    moved["clocks"] = clocks.evolve(state.clocks, event, recorded.recorded_at)
    return replace(state, version=recorded.version, **moved)


def _created(event: incident.IncidentCreated, recorded: Recorded) -> State:
    other = event.beneficiary
    return State(
        stream_id=recorded.stream_id,
        number=event.number,
        version=recorded.version,
        subject=event.subject,
        status=LEADS[type(event)],
        urgency=event.urgency,
        origin=event.origin,
        excerpt=excerpt(event.description),
        recorded_at=recorded.recorded_at,
        updated_at=recorded.recorded_at,
        requester=event.requester.id,
        requester_name=event.requester.name,
        beneficiary=other.id if other else None,
        beneficiary_name=other.name if other else None,
        recorded_by=event.recorded_by.id,
        clocks=clocks.started(recorded.recorded_at),
    )


def _contributed(state: State, by: Person | None, *, wrote: bool = True) -> dict[str, Any]:
    """The marks after somebody added something that the other side may see."""
    side = state.side(by)
    if side == SYSTEM:
        return {}
    marks = f"{side}_marks"
    return {marks: getattr(state, marks) + 1} | ({"last_word": side} if wrote else {})


def _updated(state: State, event: incident.IncidentUpdated) -> dict[str, Any]:
    changed = {name: value for name in ("urgency", "subject") if (value := getattr(event, name)) is not None}
    return changed | _contributed(state, event.by, wrote=event.text is not None)


def _attached(state: State, event: incident.DocumentAttached) -> dict[str, Any]:
    return {"documents": state.documents + 1} | _contributed(state, event.by, wrote=False)


def _routed(_: State, event: incident.IncidentRouted) -> dict[str, Any]:
    return {"group_code": event.group}


def _taken(_: State, event: incident.IncidentTaken) -> dict[str, Any]:
    return {"responsible": event.by.id, "responsible_name": event.by.name, "group_code": event.group}


def _released(_: State, event: incident.IncidentReleased) -> dict[str, Any]:
    return {"responsible": None, "responsible_name": None, "group_code": event.group}


def _transferred(state: State, event: incident.IncidentTransferred) -> dict[str, Any]:
    moved = {"responsible": None, "responsible_name": None, "group_code": event.group}
    moved["subject"] = event.subject or state.subject
    return moved | (_contributed(state, event.by, wrote=False) if event.text else {})


def _put_on_hold(state: State, event: incident.IncidentPutOnHold) -> dict[str, Any]:
    asks = event.reason is HoldReason.REQUESTER
    told = _contributed(state, event.by, wrote=asks) if asks or event.text else {}
    return {"hold": event.reason, "hold_until": event.until} | told


def _resumed(_: State, __: incident.IncidentResumed) -> dict[str, Any]:
    return {}


def _linked(state: State, event: incident.KnownErrorLinked) -> dict[str, Any]:
    return _contributed(state, event.by, wrote=False)


def _answered(state: State, event: incident.ReplySent | incident.IncidentResolved) -> dict[str, Any]:
    return _contributed(state, event.by)


def _returned(state: State, event: incident.ResolutionRefused | incident.IncidentReopened) -> dict[str, Any]:
    return _contributed(state, event.by)


def _merged(state: State, event: incident.IncidentsMerged | incident.DuplicatesAdded) -> dict[str, Any]:
    return _contributed(state, event.by, wrote=False)


def _ended(state: State, event: incident.IncidentClosed | incident.IncidentCancelled) -> dict[str, Any]:
    return _contributed(state, event.by, wrote=False)


#: What each event changes besides version, status and time.
CHANGES: Final[dict[type[Event], Callable[[State, Any], dict[str, Any]]]] = {
    incident.IncidentUpdated: _updated,
    incident.DocumentAttached: _attached,
    incident.IncidentRouted: _routed,
    incident.IncidentTaken: _taken,
    incident.IncidentReleased: _released,
    incident.IncidentTransferred: _transferred,
    incident.IncidentPutOnHold: _put_on_hold,
    incident.IncidentResumed: _resumed,
    incident.KnownErrorLinked: _linked,
    incident.ReplySent: _answered,
    incident.IncidentResolved: _answered,
    incident.IncidentClosed: _ended,
    incident.IncidentCancelled: _ended,
    incident.ResolutionRefused: _returned,
    incident.IncidentReopened: _returned,
    incident.IncidentsMerged: _merged,
    incident.DuplicatesAdded: _merged,
}

#: Events that move the version and nothing that people would call an update.
SILENT: Final[frozenset[type[Event]]] = frozenset(
    {
        incident.NoteAdded,
        incident.IncidentEscalated,
        incident.SatisfactionRated,
        incident.MailReceived,
        notification.ConfirmationSent,
        notification.NotificationSent,
        notification.NotificationFailed,
        notification.NotificationBounced,
    }
)
