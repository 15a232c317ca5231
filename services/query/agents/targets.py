"""Why an incident is due when it is: its targets counted out, and what moved them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from services.query.incidents.fold import State
from shared.catalogue import Catalogue
from shared.catalogue_history import Step, steps
from shared.events.base import Event
from shared.events.catalogue import CalendarDefined, GroupDefined, SubjectDefined
from shared.events.incident import IncidentPutOnHold
from shared.events.titles import TITLES
from shared.events.vocabulary import Target
from shared.journal.records import Recorded
from shared.life import status_after
from shared.targets.clocks import Pace, Stretch
from shared.targets.due import Case, allowed, counted, due, hours_of
from shared.wire.agents import TargetItem, TargetLine, TargetMove

_MINUTE: Final = timedelta(minutes=1)
_NONE: Final = timedelta(0)


def explain(events: Sequence[Recorded], state: State, known: Catalogue, now: datetime) -> list[TargetItem]:
    """The targets of an incident, each counted out until it runs out; none where there is nothing to count by.

    Args:
        events: the incident's, oldest first.
        state: the incident after them.
        known: the present catalogue, by which it is counted.
        now: the present instant.
    """
    return [item for target in Target if (item := _item(events, state, target, known, now))]


def moves(stream: Iterable[Recorded], state: State, known: Catalogue) -> list[TargetMove]:
    """What changed in the catalogue since the clocks of an incident began that its targets are reckoned from.

    Args:
        stream: of the catalogue, oldest first.
        state: the incident.
        known: the present catalogue.
    """
    since = state.clocks.stretches[0].start
    return [
        TargetMove(at=step.at, what=TITLES[type(event)], why=step.said.reason if step.said else None)
        for step in steps(stream)
        if step.at > since
        for event in _concerning(step, state, known)
    ]


def _concerning(step: Step, state: State, known: Catalogue) -> Iterator[Event]:
    group = known.groups.get(state.group_code or known.group_of(state.subject) or "")
    for event in step.events:
        match event:
            case CalendarDefined(calendar=calendar) if group and calendar == group.calendar:
                yield event
            case GroupDefined(group=code) if group and code == group.group:
                yield event
            case SubjectDefined(subject=subject) if subject == state.subject:
                yield event
            case _:
                pass


def _item(
    events: Sequence[Recorded], state: State, target: Target, known: Catalogue, now: datetime
) -> TargetItem | None:
    case, amount = state.case, allowed(state.case, target, known)
    group = state.group_code or known.group_of(case.subject) or ""
    if amount is None or hours_of(group, case.subject, known) is None:
        return None
    due_at = due(case, target, known)
    return TargetItem(
        target=target,
        label=target.label,
        minutes=amount // _MINUTE,
        calendar=known.calendars[known.groups[group].calendar].label,
        due_at=due_at,
        met_at=_met(case, target),
        lines=list(_lines(case, target, known, due_at or now, _reasons(events))),
    )


def _met(case: Case, target: Target) -> datetime | None:
    """When a target was met, or nothing more was to be met."""
    if target is Target.TAKE:
        return case.clocks.taken_at
    return case.clocks.stretches[-1].end if case.clocks.pace is Pace.STOPPED else None


def _lines(
    case: Case, target: Target, known: Catalogue, until: datetime, reasons: dict[datetime, str]
) -> Iterator[TargetLine]:
    """What was counted and what was not, in order, until the target runs out."""
    total = _NONE
    stretches = counted(case.clocks, target)
    for stretch, following in zip(stretches, [*stretches[1:], None], strict=True):
        for start, end, text in _parts(stretch, case.subject, known, until):
            passed = _NONE if text else end - start
            total += passed
            yield TargetLine(start=start, end=end, minutes=passed // _MINUTE, total=total // _MINUTE, text=text)
        resumed = following.start if following else None
        if stretch.end is not None and stretch.end < until and resumed != stretch.end:
            why = reasons.get(stretch.end, "")
            yield TargetLine(start=stretch.end, end=resumed, minutes=0, total=total // _MINUTE, text=why)


def _parts(stretch: Stretch, subject: str, known: Catalogue, until: datetime) -> list[tuple[datetime, datetime, str]]:
    """The working hours of a stretch, and the days that something else than their weekday keeps closed."""
    hours = hours_of(stretch.group, subject, known)
    end = min(stretch.end or until, until)
    if hours is None or end <= stretch.start:
        return []
    worked = [(span.start, span.end, "") for span in hours.spans(stretch.start, end)]
    closed = [(span.start, span.end, why) for span, why in hours.closures(stretch.start, end)]
    return sorted([*worked, *closed])


def _reasons(events: Sequence[Recorded]) -> dict[datetime, str]:
    """Why time stopped at an instant, in French."""
    reasons = {}
    for recorded in events:
        if isinstance(recorded.event, IncidentPutOnHold):
            reasons[recorded.recorded_at] = f"En attente de {recorded.event.reason.label}"
        elif status := status_after(recorded.event):
            reasons[recorded.recorded_at] = status.label
    return reasons
