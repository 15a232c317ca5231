"""The life of an incident: which command is possible when, for whom, and where it leads."""

from typing import Final, NamedTuple

from shared.events.vocabulary import Status

OPEN: Final = frozenset({Status.TO_HANDLE, Status.IN_PROGRESS, Status.ON_HOLD})
RUNNING: Final = OPEN | {Status.RESOLVED}


class Rule(NamedTuple):
    """One command: the statuses it starts from, the one it leads to (None: unchanged), who may send it."""

    starts: frozenset[Status]
    leads: Status | None
    requester: bool
    agent: bool = True


COMMANDS: Final[dict[str, Rule]] = {
    "update": Rule(RUNNING, None, requester=True),
    "take": Rule(OPEN | {Status.RESOLVED}, Status.IN_PROGRESS, requester=False),
    "release": Rule(frozenset({Status.IN_PROGRESS, Status.ON_HOLD}), Status.TO_HANDLE, requester=False),
    "reply": Rule(RUNNING, None, requester=False),
    "resolve": Rule(OPEN, Status.RESOLVED, requester=False),
    "close": Rule(RUNNING, Status.CLOSED, requester=False),
    "cancel": Rule(RUNNING, Status.CANCELLED, requester=True),
}
