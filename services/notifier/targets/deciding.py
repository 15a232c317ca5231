"""What is to be said of an incident's targets now, and when to look again: a pure function of its events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from services.notifier.asked import asked
from services.notifier.work.planning import moves_targets
from shared.catalogue import Catalogue
from shared.events.incident import IncidentCreated, IncidentEscalated, IncidentReopened
from shared.events.vocabulary import Stage, Target
from shared.journal.records import Recorded
from shared.targets.clocks import Clocks, Pace, evolve
from shared.targets.due import Case, due

#: The share of a target after which its end is near.
NEAR: Final = 0.75
#: How soon to look again at an incident for which the catalogue has no target or no calendar.
_UNKNOWN: Final = timedelta(days=1)


class Look(NamedTuple):
    """What one look at an incident comes to.

    Attributes:
        escalations: what has become of its targets and was not said yet.
        again: when to look next; None where another look is planned, or nothing can happen before another event.
    """

    escalations: tuple[IncidentEscalated, ...] = ()
    again: datetime | None = None


class _Life(NamedTuple):
    """An incident since it was created or last opened again: what its targets depend on, and what was said of them."""

    case: Case
    said: dict[Target, Stage]


def look(events: Sequence[Recorded], cause: UUID, catalogue: Catalogue, now: datetime) -> Look:
    """Look at the targets of an incident.

    Args:
        events: all of the incident's, oldest first.
        cause: the event that this look was planned after; a later one that moves targets has a look of its own.
        catalogue: says how long targets are, and by which hours they are counted.
        now: the present instant.

    Raises:
        ValueError: the events create no incident.
    """
    case, said = _life(events)
    latest = [recorded.event_id for recorded in events if moves_targets(recorded.event)]
    if latest[-1] != cause or case.clocks.pace is not Pace.RUNNING:
        return Look()
    ends = {target: end for target in _pending(case.clocks) if (end := due(case, target, catalogue))}
    if not ends:
        return Look(again=now + _UNKNOWN)
    group = case.clocks.group or catalogue.group_of(case.subject) or ""
    found, ahead = [], []
    for target, end in ends.items():
        near = due(case, target, catalogue, NEAR) or end
        if (stage := _stage(near, end, now)) and said.get(target) not in {stage, Stage.MISSED}:
            found.append(IncidentEscalated(target=target, stage=stage, due_at=end, group=group))
        ahead += [instant for instant in (near, end) if instant > now]
    return Look(tuple(found), min(ahead, default=None))


def began(events: Sequence[Recorded]) -> UUID:
    """The event with which the clocks of an incident began."""
    return next(
        recorded.event_id
        for recorded in reversed(events)
        if isinstance(recorded.event, IncidentCreated | IncidentReopened)
    )


def _stage(near: datetime, end: datetime, now: datetime) -> Stage | None:
    if end <= now:
        return Stage.MISSED
    return Stage.NEAR if near <= now else None


def _pending(clocks: Clocks) -> tuple[Target, ...]:
    return (Target.TAKE, Target.RESOLVE) if clocks.taken_at is None else (Target.RESOLVE,)


def _life(events: Sequence[Recorded]) -> _Life:
    clocks, said = None, dict[Target, Stage]()
    for recorded in events:
        clocks = evolve(clocks, recorded.event, recorded.recorded_at)
        match recorded.event:
            case IncidentReopened():
                said = {}
            case IncidentEscalated(target=target, stage=stage):
                said[target] = stage
            case _:
                pass
    if clocks is None:
        raise ValueError("no incident was created by these events")
    return _Life(Case(*asked(recorded.event for recorded in events), clocks), said)
