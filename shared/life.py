"""The life of an incident: where each event leads it, and which command is possible when, for whom."""

from collections.abc import Mapping
from typing import Final, NamedTuple
from uuid import UUID

from shared.events import incident
from shared.events.base import Event
from shared.events.vocabulary import Status

OPEN: Final = frozenset({Status.TO_HANDLE, Status.IN_PROGRESS, Status.ON_HOLD})
RUNNING: Final = OPEN | {Status.RESOLVED}

#: The status that an incident has after an event; what is neither here nor in `RETURNS` leaves it as it is.
LEADS: Final[Mapping[type[Event], Status]] = {
    incident.IncidentCreated: Status.TO_HANDLE,
    incident.IncidentTaken: Status.IN_PROGRESS,
    incident.IncidentReleased: Status.TO_HANDLE,
    incident.IncidentTransferred: Status.TO_HANDLE,
    incident.IncidentPutOnHold: Status.ON_HOLD,
    incident.IncidentResumed: Status.IN_PROGRESS,
    incident.IncidentResolved: Status.RESOLVED,
    incident.IncidentClosed: Status.CLOSED,
    incident.IncidentCancelled: Status.CANCELLED,
    incident.IncidentsMerged: Status.MERGED,
}
#: Events that bring an incident back: to the agent whom they name, otherwise into the queue of its group.
RETURNS: Final = (incident.ResolutionRefused, incident.IncidentReopened)


def status_after(event: Event) -> Status | None:
    """The status that an incident has after an event; None where it stays as it is."""
    if isinstance(event, RETURNS):
        return Status.TO_HANDLE if event.responsible is None else Status.IN_PROGRESS
    return LEADS.get(type(event))


def giver_after(event: Event, before: UUID | None) -> UUID | None:
    """Who transferred an incident to the group where it waits since; None once anything else led it somewhere.

    Args:
        event: what happened.
        before: the giver before it.
    """
    if isinstance(event, incident.IncidentTransferred):
        return event.by.id
    return before if status_after(event) is None else None


class Rule(NamedTuple):
    """One command: the statuses it starts from, who may send it.

    What agents may send, whoever recorded the incident may send as its requester; the rest is for those whom it
    concerns alone.
    """

    starts: frozenset[Status]
    requester: bool
    agent: bool = True


COMMANDS: Final[dict[str, Rule]] = {
    "update": Rule(RUNNING, requester=True),
    "take": Rule(OPEN | {Status.RESOLVED}, requester=False),
    "release": Rule(frozenset({Status.IN_PROGRESS, Status.ON_HOLD}), requester=False),
    "transfer": Rule(OPEN, requester=False),
    "reply": Rule(RUNNING, requester=False),
    "note": Rule(RUNNING, requester=False),
    "hold": Rule(frozenset({Status.IN_PROGRESS}), requester=False),
    "resume": Rule(frozenset({Status.ON_HOLD}), requester=False),
    "link": Rule(RUNNING, requester=False),
    "resolve": Rule(OPEN, requester=False),
    "confirm": Rule(frozenset({Status.RESOLVED}), requester=True),
    "refuse": Rule(frozenset({Status.RESOLVED}), requester=True),
    "close": Rule(RUNNING, requester=False),
    "cancel": Rule(RUNNING, requester=True),
    "rate": Rule(frozenset({Status.RESOLVED, Status.CLOSED}), requester=True, agent=False),
    "reopen": Rule(frozenset({Status.CLOSED}), requester=True),
    "merge": Rule(OPEN, requester=False),
}

#: The event by which a command leads an incident somewhere; what is not here leaves it where it is.
STEPS: Final[Mapping[str, type[Event]]] = {
    "take": incident.IncidentTaken,
    "release": incident.IncidentReleased,
    "transfer": incident.IncidentTransferred,
    "hold": incident.IncidentPutOnHold,
    "resume": incident.IncidentResumed,
    "resolve": incident.IncidentResolved,
    "confirm": incident.IncidentClosed,
    "refuse": incident.ResolutionRefused,
    "close": incident.IncidentClosed,
    "cancel": incident.IncidentCancelled,
    "reopen": incident.IncidentReopened,
    "merge": incident.IncidentsMerged,
}
#: What happens without anybody: the event that time brings, and the status that it ends.
TIMES: Final[Mapping[type[Event], Status]] = {incident.IncidentResumed: Status.ON_HOLD}


def ends_of(command: str, status: Status) -> frozenset[Status]:
    """The statuses in which an incident may be after a command that is possible in a status."""
    if command == "update" and status is Status.ON_HOLD:  # it may be the answer that was waited for
        return destinations(incident.IncidentResumed) | {status}
    step = STEPS.get(command)
    return frozenset({status}) if step is None else destinations(step)


def destinations(event: type[Event]) -> frozenset[Status]:
    """The statuses to which an event may lead."""
    return frozenset({Status.TO_HANDLE, Status.IN_PROGRESS}) if event in RETURNS else frozenset({LEADS[event]})
