"""The life of an incident: where each event leads it, and which command is possible when, for whom."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from shared.events import incident
from shared.events.base import Event
from shared.events.vocabulary import Status

OPEN: Final = frozenset({Status.TO_HANDLE, Status.IN_PROGRESS, Status.ON_HOLD})
RUNNING: Final = OPEN | {Status.RESOLVED}

#: The status that an incident has after an event; the other events leave it as it is.
LEADS: Final[Mapping[type[Event], Status]] = {
    incident.IncidentCreated: Status.TO_HANDLE,
    incident.IncidentTaken: Status.IN_PROGRESS,
    incident.IncidentReleased: Status.TO_HANDLE,
    incident.IncidentResolved: Status.RESOLVED,
    incident.IncidentClosed: Status.CLOSED,
    incident.IncidentCancelled: Status.CANCELLED,
}


class Rule(NamedTuple):
    """One command: the statuses it starts from, who may send it."""

    starts: frozenset[Status]
    requester: bool
    agent: bool = True


COMMANDS: Final[dict[str, Rule]] = {
    "update": Rule(RUNNING, requester=True),
    "take": Rule(OPEN | {Status.RESOLVED}, requester=False),
    "release": Rule(frozenset({Status.IN_PROGRESS, Status.ON_HOLD}), requester=False),
    "reply": Rule(RUNNING, requester=False),
    "resolve": Rule(OPEN, requester=False),
    "close": Rule(RUNNING, requester=False),
    "cancel": Rule(RUNNING, requester=True),
}
