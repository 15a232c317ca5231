"""The clocks of an incident: a pure fold of its events into the time that counts; see docs/decisions/0023.

There are two targets, to be taken in hand and to be resolved, and one course of time that counts for both: nothing that
interrupts it comes before an incident was taken.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from shared.events.base import Event
from shared.events.incident import (
    IncidentCreated,
    IncidentReleased,
    IncidentReopened,
    IncidentRouted,
    IncidentTaken,
    IncidentTransferred,
)
from shared.events.vocabulary import Status
from shared.life import status_after

#: Statuses in which the assistance is at work, or should be.
_RUNNING: Final = frozenset({Status.TO_HANDLE, Status.IN_PROGRESS})
#: Events that say which group the incident is with.
_PLACES: Final = (IncidentRouted, IncidentTaken, IncidentReleased, IncidentTransferred)


class Pace(StrEnum):
    """Whether time counts: it runs, waits for the end of a hold, or has come to its end."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class Stretch(msgspec.Struct, frozen=True, array_like=True):
    """A time that counts, by the calendar of one group.

    Attributes:
        start: its first instant.
        end: None while it runs.
        group: None before the incident is routed; then the one that the catalogue names for its subject counts.
    """

    start: datetime
    end: datetime | None = None
    group: str | None = None


class Clocks(msgspec.Struct, frozen=True, kw_only=True):
    """Where the time of an incident stands, since it was created or last opened again.

    Attributes:
        stretches: what counts, oldest first.
        taken_at: when it was first taken in hand, or ended before that; None while the target of taking runs.
    """

    pace: Pace
    stretches: tuple[Stretch, ...]
    taken_at: datetime | None = None

    @property
    def group(self) -> str | None:
        """The group whose time counted last."""
        return self.stretches[-1].group


def started(at: datetime, group: str | None = None, *, taken: bool = False) -> Clocks:
    """Clocks that begin at an instant."""
    return Clocks(pace=Pace.RUNNING, stretches=(Stretch(at, None, group),), taken_at=at if taken else None)


def evolve(clocks: Clocks | None, event: Event, at: datetime) -> Clocks | None:
    """The clocks after one more event.

    Args:
        clocks: those before it; None before the creation.
        event: what happened.
        at: when it was recorded.

    Returns:
        None while no incident was created; the same object where the event changes nothing.
    """
    if isinstance(event, IncidentCreated):
        return started(at)
    if clocks is None:
        return None
    status = status_after(event)
    if isinstance(event, IncidentReopened):
        return started(at, clocks.group, taken=status is not Status.TO_HANDLE)
    pace = clocks.pace if status is None else _pace(status)
    group = event.group if isinstance(event, _PLACES) else clocks.group
    taken_at = clocks.taken_at or (at if status not in {None, Status.TO_HANDLE} else None)
    if (pace, group, taken_at) == (clocks.pace, clocks.group, clocks.taken_at):
        return clocks
    return Clocks(pace=pace, stretches=_course(clocks, pace, group, at), taken_at=taken_at)


def _course(clocks: Clocks, pace: Pace, group: str | None, at: datetime) -> tuple[Stretch, ...]:
    """The stretches after pace or group may have changed; the first group counts from the beginning."""
    *before, last = clocks.stretches
    last = Stretch(last.start, last.end, last.group or group)
    if (pace, group) == (clocks.pace, last.group):
        return (*before, last)
    if clocks.pace is Pace.RUNNING:
        last = Stretch(last.start, at, last.group)
    match pace:
        case Pace.RUNNING:
            return (*before, last, Stretch(at, None, group))
        case Pace.STOPPED if clocks.pace is Pace.PAUSED:
            return (*before, last, Stretch(at, at, group))  # nothing passed meanwhile: what was left is left from here
        case _:
            return (*before, last)


def _pace(status: Status) -> Pace:
    if status in _RUNNING:
        return Pace.RUNNING
    return Pace.PAUSED if status is Status.ON_HOLD else Pace.STOPPED
