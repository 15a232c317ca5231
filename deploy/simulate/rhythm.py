"""When people need help: the rhythm of a school year, of its weeks and of its days. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from math import log
from random import Random
from typing import Final, NamedTuple

import holidays

from shared.clock import PARIS
from shared.working_time import WorkingTime

#: Monday to Sunday; schools are half empty on Wednesdays.
_WEEKDAYS: Final = (1.25, 1.15, 0.85, 1.1, 0.95, 0.06, 0.04)
#: By hour of Paris: people arrive, stop for lunch, leave; a few write at night.
_HOURS: Final = (
    *(0.06, 0.04, 0.03, 0.03, 0.03, 0.05, 0.2, 1.2),
    *(4.5, 6.0, 5.5, 4.5, 2.0, 3.5, 5.5, 4.5),
    *(3.5, 2.0, 0.9, 0.35, 0.3, 0.25, 0.15, 0.07),
)
_DAY: Final = list(accumulate(_HOURS))

#: On public holidays nobody asks for anything.
_PUBLIC_HOLIDAYS: Final = holidays.country_holidays("FR")
#: School holidays, about: month and day of their first and last day.
_HOLIDAYS: Final = (((2, 14), (3, 1)), ((4, 11), (4, 26)), ((7, 6), (8, 24)), ((10, 18), (11, 2)))
_CHRISTMAS: Final = ((12, 20), (1, 4))
_QUIET: Final = 0.12
#: Everybody is back on the first of September; a month later it is over.
_RUSH_LENGTH, _RUSH_HEIGHT = 35, 1.8

#: How far ahead the assistance is open again, at most.
_FAR: Final = timedelta(days=30)
#: Every so many days the mail server is away for a while.
_OUTAGES_APART, _OUTAGE_BEGINS, _OUTAGE_ENDS = 37, time(10), time(11, 10)


class Day(NamedTuple):
    """A day in Paris, and how many incidents are created on it."""

    date: date
    incidents: int


def weight(day: date) -> float:
    """How much is asked on a day, against an ordinary one."""
    found = _WEEKDAYS[day.weekday()]
    if day in _PUBLIC_HOLIDAYS:
        return 0.0
    if is_holiday(day):
        return found * _QUIET
    since_return = (day - date(day.year, 8, 28)).days
    if 0 <= since_return < _RUSH_LENGTH:
        return found * (1 + _RUSH_HEIGHT * (1 - since_return / _RUSH_LENGTH))
    return found


def is_holiday(day: date) -> bool:
    """Whether schools are closed for holidays."""
    at = (day.month, day.day)
    return at >= _CHRISTMAS[0] or at <= _CHRISTMAS[1] or any(first <= at <= last for first, last in _HOLIDAYS)


def days(first: date, count: int, incidents: int) -> list[Day]:
    """Share incidents out over consecutive days by their weights; the sum is exact.

    Raises:
        LookupError: there are public holidays alone among them.
    """
    dates = [first + timedelta(days=rank) for rank in range(count)]
    sums = list(accumulate(map(weight, dates)))
    if not sums[-1]:
        raise LookupError(f"on public holidays nobody asks for anything, and there is nothing else from {first} on")
    bounds = [0, *(round(incidents * so_far / sums[-1]) for so_far in sums)]
    return [Day(day, bounds[rank + 1] - bounds[rank]) for rank, day in enumerate(dates)]


def instants(day: Day, random: Random) -> Iterator[datetime]:
    """When the incidents of a day are created, in order: evenly spread over its hours by their weights."""
    for rank in range(day.incidents):
        yield _instant(day.date, (rank + random.random()) / day.incidents * _DAY[-1])


def _instant(day: date, level: float) -> datetime:
    hour = next(hour for hour, so_far in enumerate(_DAY) if level <= so_far)
    within = 1 - (_DAY[hour] - level) / _HOURS[hour]
    local = datetime.combine(day, time(hour), PARIS)
    return local.astimezone(UTC) + timedelta(seconds=within * 3599.9)


def after(instant: datetime, minutes: float, random: Random) -> datetime:
    """An instant so many minutes later, more or less: mostly less, sometimes much more."""
    return instant + timedelta(minutes=1 - minutes * log(1 - random.random()))


def at_work(instant: datetime, hours: WorkingTime | None, random: Random) -> datetime:
    """The instant itself within the hours of the assistance, otherwise soon after they have begun again."""
    span = next(hours.spans(instant, instant + _FAR), None) if hours else None
    if span is None or span.start <= instant:
        return instant
    return span.start + timedelta(minutes=90 * random.random())


def mail_server_back(instant: datetime) -> datetime:
    """When the mail server takes mails: at that instant, or at the end of the outage that there is."""
    if instant.toordinal() % _OUTAGES_APART:
        return instant
    begins, ends = (datetime.combine(instant, at, PARIS).astimezone(UTC) for at in (_OUTAGE_BEGINS, _OUTAGE_ENDS))
    return ends if begins <= instant < ends else instant


def midnight_after(day: date) -> datetime:
    """The end of a day in Paris."""
    return datetime.combine(day + timedelta(days=1), time(), PARIS).astimezone(UTC)
