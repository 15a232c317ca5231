"""Who may send which command to an incident now: intake refuses by it, query offers by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from shared.events.vocabulary import Status
from shared.life import COMMANDS, Rule

#: Statuses in which an incident may be in somebody's hands.
_HELD: Final = frozenset({Status.IN_PROGRESS, Status.ON_HOLD})


class Place(NamedTuple):
    """Where an incident stands.

    Attributes:
        status: its own.
        group: that it waits for.
        responsible: the agent who answers for it.
        is_old: whether it was closed too long ago to be opened again.
        given_by: who transferred it to that group, where it waits since.
    """

    status: Status
    group: str | None
    responsible: UUID | None
    is_old: bool = False
    given_by: UUID | None = None


def is_old(closed_at: datetime | None, at: datetime, reopening: timedelta) -> bool:
    """Whether an incident that was closed at an instant can no longer be opened again at another.

    Args:
        closed_at: when it was closed last; None for never.
        at: when it is to be opened again.
        reopening: for how long that is possible.
    """
    return closed_at is not None and at - closed_at > reopening


class Party(NamedTuple):
    """Somebody in front of an incident.

    Attributes:
        person: who it is.
        own: whether the incident is theirs: asked for by them, for them, or recorded by them.
        concerned: whether it is asked for by them or for them.
        agent: whether they answer incidents.
        supervisor: whether they answer for all groups.
        groups: those that they answer for.
    """

    person: UUID
    own: bool
    concerned: bool
    agent: bool
    supervisor: bool
    groups: frozenset[str]


def obstacle(command: str, place: Place, party: Party) -> str | None:
    """Why a command cannot be followed: the code of a refusal; None when it can."""
    rule = COMMANDS[command]
    if code := _stranger(rule, party):
        return code
    if place.status not in rule.starts:
        return "not-taken" if command == "release" and place.status is Status.TO_HANDLE else "status"
    further = _FURTHER.get(command)
    return further(place, party) if further else None


def _stranger(rule: Rule, party: Party) -> str | None:
    """Whether a command is not for this party, wherever the incident stands."""
    if not rule.agent:
        return None if party.concerned else "concerned"
    return None if party.agent or (party.own and rule.requester) else "role"


def possible(place: Place, party: Party) -> list[str]:
    """Commands that the party may send now."""
    return [command for command in COMMANDS if obstacle(command, place, party) is None]


def can_be_followed(place: Place) -> bool:
    """Whether another incident may follow: this one can go on neither by itself nor by being opened again."""
    return place.status in {Status.CANCELLED, Status.MERGED} or (place.status is Status.CLOSED and place.is_old)


def _take(place: Place, party: Party) -> str | None:
    if place.status in _HELD and place.responsible is not None:
        return "already-yours" if place.responsible == party.person else "already-taken"
    if place.group is None:
        return None if party.groups else "group"
    return None if party.supervisor or place.group in party.groups else "group"


def _release(place: Place, party: Party) -> str | None:
    return None if party.supervisor or place.responsible == party.person else "not-yours"


def _reopen(place: Place, _: Party) -> str | None:
    return "old" if place.is_old else None


def _move(place: Place, party: Party) -> str | None:
    """Whether the incident is the party's to give away: to another group, or into another incident."""
    if place.group is None:
        return "not-routed"
    if place.status in _HELD and place.responsible is not None:
        return None if party.supervisor or place.responsible == party.person else "already-taken"
    return None if party.supervisor or place.group in party.groups else "group"


def _transfer(place: Place, party: Party) -> str | None:
    """As long as nobody there has begun, who transferred it may mend that, whichever group it went to."""
    return None if place.given_by == party.person else _move(place, party)


#: What some commands ask for besides role and status.
_FURTHER: Final[Mapping[str, Callable[[Place, Party], str | None]]] = {
    "take": _take,
    "release": _release,
    "reopen": _reopen,
    "transfer": _transfer,
    "merge": _move,
}
