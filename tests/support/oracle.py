"""Every report reckoned from the raw events in the slowest and most obvious way; nothing of the projection is used.

Each incident is looked at again from its first event for everything that is asked about it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import holidays

from shared.catalogue import Catalogue
from shared.events import incident as i
from shared.events import notification as n
from shared.events.catalogue import CalendarDefined
from shared.journal.records import Recorded

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
OPEN = ("to_handle", "in_progress", "on_hold")
STATUS: dict[type, str] = {
    i.IncidentCreated: "to_handle",
    i.IncidentTaken: "in_progress",
    i.IncidentReleased: "to_handle",
    i.IncidentTransferred: "to_handle",
    i.IncidentPutOnHold: "on_hold",
    i.IncidentResumed: "in_progress",
    i.IncidentResolved: "resolved",
    i.IncidentClosed: "closed",
    i.IncidentCancelled: "cancelled",
    i.IncidentsMerged: "merged",
}
PLACES = (i.IncidentRouted, i.IncidentTaken, i.IncidentReleased, i.IncidentTransferred)


@dataclass
class Happening:
    """An event, with the catalogue as it was then."""

    id: UUID
    stream: UUID
    version: int
    at: datetime
    event: Any
    known: Catalogue


@dataclass
class Row:
    """What a report counts."""

    fact: str
    at: datetime
    subject: str
    group: str | None
    urgency: str
    origin: str
    kind: str
    stream: UUID
    minutes: dict[str, int | None] = field(default_factory=dict)
    detail: str | None = None
    person: UUID | None = None
    flags: set[str] = field(default_factory=set)
    day: date | None = None

    @property
    def paris(self) -> datetime:
        return self.at.astimezone(PARIS)


@dataclass
class Question:
    first: date
    last: date
    by: Sequence[str]
    at: datetime | None
    filters: dict[str, Sequence[str]]
    now: datetime


def read(recorded: Iterable[Recorded]) -> list[Happening]:
    known, found = Catalogue(), []
    for one in recorded:
        known = known.evolve(one.event)
        found.append(Happening(one.event_id, one.stream_id, one.version, one.recorded_at, one.event, known))
    return found


# --- what an incident is after some of its events


def status(past: Sequence[Happening]) -> str:
    found = ""
    for one in past:
        if isinstance(one.event, i.ResolutionRefused | i.IncidentReopened):
            found = "in_progress" if one.event.responsible else "to_handle"
        else:
            found = STATUS.get(type(one.event), found)
    return found


def cell(past: Sequence[Happening]) -> dict[str, Any]:
    created, known = past[0].event, past[0].known
    subject, urgency, group = created.subject, created.urgency, known.group_of(created.subject)
    kind = known.kind_of(subject)
    for one in past[1:]:
        if isinstance(one.event, i.IncidentUpdated | i.IncidentTransferred) and one.event.subject:
            subject, kind = one.event.subject, one.known.kind_of(one.event.subject)
        if isinstance(one.event, i.IncidentUpdated) and one.event.urgency:
            urgency = one.event.urgency
        if isinstance(one.event, PLACES):
            group = one.event.group
    words = {"subject": subject, "urgency": urgency, "origin": created.origin, "kind": kind}
    return {name: str(word) for name, word in words.items()} | {"group": group}


def creation(life: Sequence[Happening]) -> dict[str, Any]:
    """What the creation counts under: the group of the first routing."""
    routed = [one.event.group for one in life if isinstance(one.event, i.IncidentRouted)]
    return cell(life[:1]) | ({"group": routed[0]} if routed else {})


@cache
def opening_hours(calendar: CalendarDefined, day: date) -> list[tuple[datetime, datetime]]:
    if calendar.holidays and day in holidays.country_holidays(calendar.holidays, years=day.year):
        return []
    if day.isoformat() in calendar.closed:
        return []
    spans = (hours.split("-") for hours in calendar.open.on(day.weekday()))
    return [(_instant(day, opening), _instant(day, closing)) for opening, closing in spans]


def _instant(day: date, text: str) -> datetime:
    hour, minute = map(int, text.split(":"))
    local = (
        datetime.combine(day + DAY, time(), PARIS) if hour == 24 else datetime.combine(day, time(hour, minute), PARIS)
    )
    return local.astimezone(ZoneInfo("UTC"))


def between(calendar: CalendarDefined, start: datetime, end: datetime) -> timedelta:
    total, day = timedelta(), start.astimezone(PARIS).date()
    while day <= end.astimezone(PARIS).date():
        for opens, closes in opening_hours(calendar, day):
            total += max(timedelta(), min(closes, end) - max(opens, start))
        day += DAY
    return total


def worked(past: Sequence[Happening], until: datetime, known: Catalogue) -> timedelta | None:
    """Working time since the creation or the last reopening, while it was to handle or in progress."""
    reopened = [rank for rank, one in enumerate(past) if isinstance(one.event, i.IncidentReopened)]
    start = reopened[-1] if reopened else 0
    groups = [one.event.group for one in past if isinstance(one.event, PLACES)]
    total = timedelta()
    for rank in range(start, len(past)):
        if status(past[: rank + 1]) not in {"to_handle", "in_progress"}:
            continue
        end = past[rank + 1].at if rank + 1 < len(past) else until
        before = [one.event.group for one in past[: rank + 1] if isinstance(one.event, PLACES)]
        group = (before or groups or [known.group_of(cell(past)["subject"]) or ""])[-1 if before else 0]
        calendar = known.calendars.get(known.groups[group].calendar) if group in known.groups else None
        if calendar is None:
            return None
        total += between(calendar, past[rank].at, end)
    return total


def floor(time: timedelta | None) -> int | None:
    return None if time is None else time // MINUTE


# --- what is counted


def rows(life: Sequence[Happening], told: dict[UUID, datetime]) -> Iterator[Row]:
    """Everything that counts of one incident, from the events that are known of it."""
    first, resolution = creation(life), _first(life, i.IncidentResolved)
    whole = {"stream": life[0].stream, "person": life[0].event.requester.id}
    yield Row("created", life[0].at, **first, **whole)
    for fact, kind, target in (("taken", i.IncidentTaken, "take"), ("resolved", i.IncidentResolved, "resolve")):
        if (rank := _first(life, kind)) is not None:
            yield Row(fact, life[rank].at, **cell(life[: rank + 1]), **whole, minutes=_minutes(life, rank, target))
    if (rank := _first(life, i.IncidentClosed)) is not None:
        yield Row("closed", life[rank].at, **cell(life[: rank + 1]), **whole)
    moved = 0
    for one in life:
        if isinstance(one.event, i.IncidentTransferred):
            moved += 1
            yield Row("transferred", life[0].at, **first, **whole, flags=set() if moved > 1 else {"first"})
    if resolution is not None:
        past, counted = life[: resolution + 1], cell(life[: resolution + 1])
        if _first_contact(past):
            yield Row("first_contact", past[-1].at, **counted, **whole)
        for fact, came_back in (("refused", i.ResolutionRefused), ("reopened", i.IncidentReopened)):
            if any(isinstance(one.event, came_back) for one in life[resolution:]):
                yield Row(fact, past[-1].at, **counted, **whole)
    yield from _mails(life, told, whole)
    if opinions := [rank for rank, one in enumerate(life) if isinstance(one.event, i.SatisfactionRated)]:
        opinion = life[opinions[-1]].event
        flags = {"comment"} if opinion.text else set()
        past = life[: opinions[-1] + 1]
        yield Row("rated", past[-1].at, **cell(past), **whole, detail=str(opinion.rating), flags=flags)


def _first(life: Sequence[Happening], kind: type) -> int | None:
    return next((rank for rank, one in enumerate(life) if isinstance(one.event, kind)), None)


def _minutes(life: Sequence[Happening], rank: int, target: str) -> dict[str, int | None]:
    past, known = life[: rank + 1], life[rank].known
    time = worked(past, past[-1].at, known)
    now = cell(past)
    subject = known.subjects.get(now["subject"])
    promised = getattr(subject, target).get(now["urgency"]) if subject else None
    late = None
    if time is not None and promised is not None:
        late = max(0, math.ceil((time - promised * MINUTE) / MINUTE))
    return {"worked": floor(time), "elapsed": floor(past[-1].at - past[0].at), "late": late}


def _first_contact(past: Sequence[Happening]) -> bool:
    takers = [one.event.by.id for one in past if isinstance(one.event, i.IncidentTaken)]
    moved = [one for one in past if isinstance(one.event, i.IncidentTransferred | i.IncidentPutOnHold)]
    replies = [one for one in past if isinstance(one.event, i.ReplySent)]
    return (not takers or takers[0] == past[-1].event.by.id) and not moved and len(replies) <= 1


def _mails(life: Sequence[Happening], told: dict[UUID, datetime], whole: dict[str, Any]) -> Iterator[Row]:
    for rank, one in enumerate(life):
        counted = cell(life[: rank + 1])
        if isinstance(one.event, n.ConfirmationSent | n.NotificationSent):
            cause = told.get(one.event.cause)
            reminds = one.event.message == "reminder"
            delay = None if cause is None or reminds else max(timedelta(), one.event.sent_at - cause)
            flags = {"late"} if delay is not None and delay > 5 * MINUTE else set()
            minutes = {"elapsed": floor(delay)}
            yield Row("sent", one.at, **counted, **whole, detail=one.event.message.value, minutes=minutes, flags=flags)
        elif isinstance(one.event, n.NotificationFailed | n.NotificationBounced):
            fact = "failed" if isinstance(one.event, n.NotificationFailed) else "bounced"
            yield Row(fact, one.at, **counted, **whole, detail=one.event.message.value)


def links(life: Sequence[Happening], until: datetime, known: Catalogue) -> Iterator[Row]:
    """Each known error that explains an incident, with the time that the incident took or takes."""
    resolution, seen = _first(life, i.IncidentResolved), set()
    if resolution is None:
        # what was worked before the last change by the catalogue of then, the rest by that of now
        lost = _so_far(life, until, known)
    else:
        lost = worked(life[: resolution + 1], life[resolution].at, life[resolution].known)
    for rank, one in enumerate(life):
        if isinstance(one.event, i.KnownErrorLinked) and one.event.known_error not in seen:
            seen.add(one.event.known_error)
            flags = set() if resolution is None else {"resolved"}
            yield Row(
                "linked",
                one.at,
                **cell(life[: rank + 1]),
                stream=one.stream,
                detail=one.event.known_error,
                minutes={"lost": floor(lost)},
                flags=flags,
            )


def _so_far(life: Sequence[Happening], until: datetime, known: Catalogue) -> timedelta | None:
    changes = [
        rank
        for rank in range(len(life))
        if rank == 0 or (status(life[:rank]), cell(life[:rank])) != (status(life[: rank + 1]), cell(life[: rank + 1]))
    ]
    opened = [rank for rank in changes if status(life[: rank + 1]) in OPEN]
    last = opened[-1]
    time = worked(life[: last + 1], life[last].at, life[last].known)
    if time is None:
        return None
    ends = [life[rank].at for rank in changes if rank > last]
    if status(life[: last + 1]) == "on_hold":
        return time
    group = cell(life[: last + 1])["group"]
    calendar = known.calendars.get(known.groups[group].calendar) if group in known.groups else None
    return None if calendar is None else time + between(calendar, life[last].at, min([*ends, until]))


def backlog(lives: Iterable[Sequence[Happening]], asked: Question) -> Iterator[Row]:
    end = asked.at or asked.now
    days = [day for day in _days(asked) if day <= end.astimezone(PARIS).date()]
    for day in days:
        if any(_label(day, asked.by) == _label(later, asked.by) for later in days if later > day):
            continue
        midnight = datetime.combine(day + DAY, time(), PARIS)
        instant = min(midnight - timedelta(microseconds=1), end.astimezone(PARIS), key=lambda one: one.timestamp())
        for life in lives:
            past = [one for one in life if one.at <= instant]
            if past and status(past) in OPEN:
                age = floor(instant.astimezone(ZoneInfo("UTC")) - past[0].at)
                yield Row(status(past), past[0].at, **cell(past), stream=past[0].stream, minutes={"age": age}, day=day)


def _days(asked: Question) -> list[date]:
    return [asked.first + rank * DAY for rank in range((asked.last - asked.first).days + 1)]


def _label(day: date, by: Sequence[str]) -> tuple[Any, ...]:
    return tuple(_of_day(day, axis) for axis in by if axis in OF_DAYS)


OF_DAYS = {"day", "week", "month", "year", "school-year", "weekday"}


def _of_day(day: date, axis: str) -> Any:
    year, week, weekday = day.isocalendar()
    started = day.year if day.month >= 9 else day.year - 1
    return {
        "day": day.isoformat(),
        "week": f"{year}-W{week:02}",
        "month": f"{day.year}-{day.month:02}",
        "year": str(day.year),
        "school-year": f"{started}-{started + 1}",
        "weekday": weekday,
    }[axis]


def _axis(row: Row, axis: str) -> Any:
    if axis in OF_DAYS:
        return _of_day(row.day or row.paris.date(), axis)
    if axis == "hour":
        return row.paris.hour
    if axis in {"known-error", "message"}:
        return row.detail
    return getattr(row, axis)


# --- what is reckoned


def percentile(values: Iterable[int | None], share: int) -> int | None:
    """The first value at or below which so many hundredths of all lie."""
    found = sorted(value for value in values if value is not None)
    return found[max(0, math.ceil(share * len(found) / 100) - 1)] if found else None


def ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _times(found: list[Row], fact: str) -> list[Any]:
    some = [row for row in found if row.fact == fact]
    return [
        len(some),
        *(
            percentile((row.minutes[kind] for row in some), share)
            for kind in ("worked", "elapsed")
            for share in (50, 90, 99)
        ),
    ]


def _target(found: list[Row], fact: str) -> list[Any]:
    late = [row.minutes["late"] for row in found if row.fact == fact and row.minutes["late"] is not None]
    missed = [minutes for minutes in late if minutes]
    met = len(late) - len(missed)
    return [met, len(missed), ratio(met, len(late)), percentile(missed, 50), percentile(missed, 90)]


def _number(found: list[Row], *facts: str, flag: str | None = None) -> int:
    return len([row for row in found if row.fact in facts and (flag is None or flag in row.flags)])


def _resolution(found: list[Row]) -> list[Any]:
    resolved = _number(found, "resolved")
    parts = [_number(found, fact) for fact in ("first_contact", "refused", "reopened")]
    return [resolved, *(value for part in parts for value in (part, ratio(part, resolved)))]


def _transfers(found: list[Row]) -> list[Any]:
    incidents, transfers = _number(found, "created"), _number(found, "transferred")
    moved = _number(found, "transferred", flag="first")
    return [incidents, moved, transfers, ratio(transfers, incidents), ratio(moved, incidents)]


def _satisfaction(found: list[Row]) -> list[Any]:
    notes = [int(row.detail or 0) for row in found]
    satisfied = len([note for note in notes if note >= 4])
    each = [notes.count(note) for note in range(1, 6)]
    return [
        len(notes),
        ratio(sum(notes), len(notes)),
        ratio(satisfied, len(notes)),
        *each,
        _number(found, "rated", flag="comment"),
    ]


def _backlog(found: list[Row]) -> list[Any]:
    ages = [row.minutes["age"] or 0 for row in found]
    return [
        len(found),
        *(_number(found, name) for name in OPEN),
        percentile(ages, 50),
        percentile(ages, 90),
        len([age for age in ages if age >= 7 * 1440]),
        len([age for age in ages if age >= 30 * 1440]),
    ]


def _known_errors(found: list[Row]) -> list[Any]:
    return [len(found), _number(found, "linked", flag="resolved"), sum(row.minutes["lost"] or 0 for row in found)]


def _notifications(found: list[Row]) -> list[Any]:
    delays = [row.minutes["elapsed"] for row in found if row.fact == "sent"]
    counts = [
        _number(found, "sent"),
        _number(found, "sent", flag="late"),
        _number(found, "failed"),
        _number(found, "bounced"),
    ]
    return [*counts, percentile(delays, 50)]


def _repeats(found: list[Row]) -> list[Any]:
    repeated = [row for row in found if "repeat" in row.flags]
    people, again = len({row.person for row in found}), len({row.person for row in repeated})
    return [people, again, len(found), len(repeated), ratio(len(repeated), len(found))]


VOLUMES = ("created", "taken", "resolved", "closed")
REPORTS: dict[str, tuple[tuple[str, ...], Callable[[list[Row]], list[Any]]]] = {
    "volumes": (VOLUMES, lambda found: [_number(found, fact) for fact in VOLUMES]),
    "backlog": (OPEN, _backlog),
    "times": (("taken", "resolved"), lambda found: [*_times(found, "taken"), *_times(found, "resolved")]),
    "targets": (("taken", "resolved"), lambda found: [*_target(found, "taken"), *_target(found, "resolved")]),
    "resolution": (("resolved", "first_contact", "refused", "reopened"), _resolution),
    "transfers": (("created", "transferred"), _transfers),
    "rhythm": (("created", "taken", "resolved"), lambda found: [_number(found, fact) for fact in VOLUMES[:3]]),
    "repeats": (("created",), _repeats),
    "known-errors": (("linked",), _known_errors),
    "notifications": (("sent", "failed", "bounced"), _notifications),
    "satisfaction": (("rated",), _satisfaction),
}


class Oracle:
    """Knows a past, and what counts of it as it was known at the instants that were asked about."""

    def __init__(self, happenings: Sequence[Happening]) -> None:
        self.happenings = happenings
        self._counted: dict[datetime | None, list[Row]] = {}

    def report(self, name: str, asked: Question) -> dict[tuple[Any, ...], list[Any]]:
        """The figures of a report by the words of its axes."""
        cells: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in self._chosen(name, asked):
            cells[tuple(_axis(row, axis) for axis in asked.by)].append(row)
        if not asked.by:
            cells.setdefault((), [])
        reckon = REPORTS[name][1]
        figures = {words: reckon(found) for words, found in cells.items()}
        if name == "rhythm":
            for words, found in cells.items():
                figures[words].append(_per_open_day(words, found, self.happenings, asked))
        return figures

    def _chosen(self, name: str, asked: Question) -> list[Row]:
        wanted = [
            row
            for row in self._rows(name, asked)
            if row.fact in REPORTS[name][0]
            and asked.first <= (row.day or row.paris.date()) <= asked.last
            and all(getattr(row, axis) in codes for axis, codes in asked.filters.items())
        ]
        return _marked(wanted) if name == "repeats" else wanted

    def _rows(self, name: str, asked: Question) -> list[Row]:
        lives = self._lives(asked.at)
        if name == "backlog":
            return list(backlog(lives, asked))
        if name == "known-errors":
            until, known = asked.at or asked.now, self.happenings[-1].known
            return [row for life in lives for row in links(life, until, known)]
        if asked.at not in self._counted:
            told = {one.id: one.at for one in self.happenings}
            self._counted[asked.at] = [row for life in lives for row in rows(life, told)]
        return self._counted[asked.at]

    def _lives(self, at: datetime | None) -> list[list[Happening]]:
        """The events of each incident that were known at an instant."""
        lives: dict[UUID, list[Happening]] = defaultdict(list)
        for one in self.happenings:
            known = at is None or one.at <= at
            if known and (isinstance(one.event, i.IncidentCreated) or one.stream in lives):
                lives[one.stream].append(one)
        return list(lives.values())


def _marked(found: list[Row]) -> list[Row]:
    """The same rows, those marked whose requester asked about the same subject before."""
    seen, marked = set(), []
    for row in sorted(found, key=lambda row: (row.at, str(row.stream))):
        marked.append(replace(row, flags={"repeat"} if (row.person, row.subject) in seen else set()))
        seen.add((row.person, row.subject))
    return marked


def _per_open_day(
    words: tuple[Any, ...], found: list[Row], happenings: Sequence[Happening], asked: Question
) -> float | None:
    calendar = next(iter(happenings[-1].known.calendars.values()))
    last = min(asked.last, (asked.at or asked.now).astimezone(PARIS).date())
    days = {day for day in _days(asked) if day <= last and opening_hours(calendar, day)}
    label = tuple(word for word, axis in zip(words, asked.by, strict=True) if axis in OF_DAYS)
    among = [day for day in days if _label(day, asked.by) == label]
    return ratio(len([row for row in found if row.fact == "created" and row.paris.date() in days]), len(among))
