"""Working time: how much of it lies between two instants, and when a given amount of it has passed.

A calendar says its hours by the wall clock of its zone; what is counted are minutes that really passed. The hour that
is skipped in March is not worked, the one that comes twice in October is worked twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from dateutil.easter import easter

from shared.events.catalogue import CalendarDefined

_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)
#: An instant that lies further ahead is none: so far goes who looks for hours in a calendar that has hardly any.
HORIZON: Final = timedelta(days=3653)


class BadCalendarError(ValueError):
    """A calendar says what cannot be; the message quotes it."""


class Span(NamedTuple):
    """From an instant to a later one, which it does not hold."""

    start: datetime
    end: datetime


class WorkingTime:
    """The working time of one calendar."""

    def __init__(self, calendar: CalendarDefined) -> None:
        """Read a calendar.

        Raises:
            BadCalendarError: there is no such zone, day, hour or set of public holidays.
        """
        self._zone = _zone(calendar.timezone)
        self._week = [[_hours(text) for text in calendar.open.on(weekday)] for weekday in range(7)]
        self._holidays = _public_holidays(calendar.holidays)
        self._closed = [_closure(text) for text in calendar.closed]
        self._days: dict[date, list[Span]] = {}

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from one instant to another; none where the second is not later."""
        return sum((span.end - span.start for span in self.spans(start, end)), timedelta())

    def after(self, start: datetime, amount: timedelta) -> datetime | None:
        """The first instant by which an amount of working time has passed.

        Args:
            start: from when it is counted.
            amount: how much; nothing and less have passed at once.

        Returns:
            None where that is not within the horizon.
        """
        if amount <= timedelta():
            return start
        for span in self.spans(start, start + HORIZON):
            if amount <= span.end - span.start:
                return span.start + amount
            amount -= span.end - span.start
        return None

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The working hours from one instant to another, in order."""
        if not any(self._week):
            return
        day, last = start.astimezone(self._zone).date(), end.astimezone(self._zone).date()
        while day <= last:
            for span in self._on(day):
                worked = Span(max(span.start, start), min(span.end, end))
                if worked.start < worked.end:
                    yield worked
            day += _DAY

    def closures(self, start: datetime, end: datetime) -> Iterator[tuple[Span, str]]:
        """The days from one instant to another that would have hours, and why they have none."""
        day, last = start.astimezone(self._zone).date(), end.astimezone(self._zone).date()
        while day <= last:
            if self._week[day.weekday()] and (why := self.why_closed(day)):
                yield Span(self._midnight(day), self._midnight(day + _DAY)), why
            day += _DAY

    def days_after(self, start: datetime, count: int) -> datetime | None:
        """The end of the hours of the last of so many working days, the day of `start` not counted.

        Args:
            start: an instant of the day after which they begin.
            count: how many days; at least one.

        Returns:
            None where that is not within the horizon.
        """
        day = start.astimezone(self._zone).date()
        for ahead in range(1, HORIZON.days if any(self._week) else 0):
            spans = self._on(day + ahead * _DAY)
            count -= bool(spans)
            if not count:
                return spans[-1].end
        return None

    def why_closed(self, day: date) -> str | None:
        """What keeps a day of the calendar's zone closed, in French; None where its weekday alone decides."""
        name: str | None = self._holidays.get(day) if self._holidays is not None else None
        if name:
            return name
        return "fermeture" if any(closure(day) for closure in self._closed) else None

    def is_open(self, day: date) -> bool:
        """Whether a day of the calendar's zone has hours."""
        return bool(self._on(day))

    def local(self, instant: datetime) -> datetime:
        """An instant by the wall clock of the calendar."""
        return instant.astimezone(self._zone)

    def _on(self, day: date) -> list[Span]:
        if day not in self._days:
            self._days[day] = [] if self.why_closed(day) else self._hours(day)
        return self._days[day]

    def _hours(self, day: date) -> list[Span]:
        midnight, next_midnight = self._midnight(day), self._midnight(day + _DAY)
        hours = self._week[day.weekday()]
        if next_midnight - midnight == _DAY:
            return _merged(Span(midnight + opening, midnight + closing) for opening, closing in hours)
        return _merged(self._open_minutes(hours, midnight, next_midnight))

    def _open_minutes(self, hours: list[_Hours], start: datetime, end: datetime) -> Iterator[Span]:
        """What is open on a day when clocks change: each minute whose wall clock says so."""
        for minute in range((end - start) // _MINUTE):
            at = start + minute * _MINUTE
            clock = at.astimezone(self._zone)
            passed = timedelta(hours=clock.hour, minutes=clock.minute)
            if any(opening <= passed < closing for opening, closing in hours):
                yield Span(at, at + _MINUTE)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone).astimezone(UTC)


@lru_cache(maxsize=64)
def working_time(calendar: CalendarDefined) -> WorkingTime:
    """The working time of a calendar, worked out once.

    Raises:
        BadCalendarError: see `WorkingTime`.
    """
    return WorkingTime(calendar)


class _Hours(NamedTuple):
    """From when to when a day is open, since its midnight by the wall clock."""

    opening: timedelta
    closing: timedelta


def _hours(text: str) -> _Hours:
    """Read `08:00-12:30`."""
    opening, closing = (_since_midnight(part) for part in text.split("-"))
    if closing <= opening:
        raise BadCalendarError(f"hours that end before they begin: {text}")
    return _Hours(opening, closing)


def _since_midnight(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same spans in order, those that touch or overlap made one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _closure(text: str) -> Callable[[date], bool]:
    """Whether a day is one that is closed, for each of the ways to say so."""
    if text.startswith("easter"):
        days = timedelta(days=int(text.removeprefix("easter")))
        return lambda day: day - days == easter((day - days).year)
    if len(text) == len("12-24"):
        month, number = _day(f"2000-{text}").timetuple()[1:3]
        return lambda day: (day.month, day.day) == (month, number)
    first, _, last = text.partition("/")
    from_day, to_day = _day(first), _day(last or first)
    if to_day < from_day:
        raise BadCalendarError(f"days that end before they begin: {text}")
    return lambda day: from_day <= day <= to_day


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadCalendarError(f"there is no day {text}") from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadCalendarError(f"there is no zone {name}") from error


def _public_holidays(code: str | None) -> holidays.HolidayBase | None:
    """The public holidays of a country (`FR`) or of a part of it (`FR-57`), their names in French."""
    if code is None:
        return None
    country, _, part = code.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None, language="fr")
    except NotImplementedError as error:
        raise BadCalendarError(f"nothing is known of the public holidays of {code}") from error
