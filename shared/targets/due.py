"""When the targets of an incident run out: its clocks by the calendars and targets of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from shared.catalogue import Catalogue
from shared.events.catalogue import CalendarDefined, GroupDefined, SubjectDefined
from shared.events.vocabulary import Target, Urgency
from shared.targets.clocks import Clocks, Pace, Stretch
from shared.working_time import BadCalendarError, WorkingTime, working_time

#: Events of the catalogue that due times depend on.
MOVERS: Final = (CalendarDefined, GroupDefined, SubjectDefined)


class Case(NamedTuple):
    """What the due instants of an incident depend on besides the catalogue."""

    subject: str
    urgency: Urgency
    clocks: Clocks


class Dues(NamedTuple):
    """The instants at which targets run out.

    Attributes:
        take: None where there is no target, or no calendar to count it by.
        resolve: None for these reasons, or while the incident is on hold.
    """

    take: datetime | None
    resolve: datetime | None


def dues(case: Case, catalogue: Catalogue) -> Dues:
    """When the targets of an incident run out, or ran out for one that has met or missed them."""
    return Dues(due(case, Target.TAKE, catalogue), due(case, Target.RESOLVE, catalogue))


def due(case: Case, target: Target, catalogue: Catalogue, share: float = 1.0) -> datetime | None:
    """When a share of a target has passed; for a target that was met, when it would have.

    Args:
        case: the incident.
        target: which of the two.
        catalogue: says how long it is, and by which hours it is counted.
        share: how much of it, from 0 to 1.
    """
    amount = allowed(case, target, catalogue)
    if amount is None:
        return None
    left = amount * share
    stretches = counted(case.clocks, target)
    for stretch in stretches:
        hours = hours_of(stretch.group, case.subject, catalogue)
        if hours is None:
            return None
        found = hours.after(stretch.start, left)
        if stretch.end is None or (found is not None and found <= stretch.end):
            return found
        left -= hours.between(stretch.start, stretch.end)
    return None


def allowed(case: Case, target: Target, catalogue: Catalogue) -> timedelta | None:
    """How much working time a target gives; None where the catalogue knows none."""
    subject = catalogue.subjects.get(case.subject)
    if subject is None:
        return None
    minutes = (subject.take if target is Target.TAKE else subject.resolve).get(case.urgency)
    return None if minutes is None else timedelta(minutes=minutes)


def worked(case: Case, catalogue: Catalogue, at: datetime) -> timedelta | None:
    """How much working time has counted up to an instant that is not before the last event of the clocks.

    Returns:
        None where there is no calendar to count it by.
    """
    total = timedelta()
    for stretch in case.clocks.stretches:
        hours = hours_of(stretch.group, case.subject, catalogue)
        if hours is None:
            return None
        total += hours.between(stretch.start, stretch.end or at)
    return total


def counted(clocks: Clocks, target: Target) -> Sequence[Stretch]:
    """The time that counts for a target; what stopped for good is told as if it went on, and so is what was met."""
    stretches = clocks.stretches
    if target is Target.TAKE and clocks.taken_at is not None:
        # The clocks of hosts may differ a little: what was taken before it began was taken when it began.
        stretches = tuple(stretch for stretch in stretches if stretch.start <= clocks.taken_at) or stretches[:1]
    elif clocks.pace is not Pace.STOPPED:
        return stretches
    *before, last = stretches
    return (*before, Stretch(last.start, None, last.group))


def next_due(clocks: Clocks, found: Dues) -> datetime | None:
    """The instant by which something must happen; None where nothing is to be done now."""
    if clocks.pace is not Pace.RUNNING:
        return None
    waiting = found if clocks.taken_at is None else found[1:]
    return min((instant for instant in waiting if instant is not None), default=None)


def hours_of(group: str | None, subject: str, catalogue: Catalogue) -> WorkingTime | None:
    """The working time of a group, or of the one that the catalogue names for a subject.

    Returns:
        None where there is no calendar, or one that this code cannot read: nobody must stop at what was written once.
    """
    known = catalogue.groups.get(group or catalogue.group_of(subject) or "")
    calendar = catalogue.calendars.get(known.calendar) if known else None
    try:
        return working_time(calendar) if calendar else None
    except BadCalendarError:
        return None
