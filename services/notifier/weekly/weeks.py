"""Weeks, from Monday to Sunday in Paris, and which one is to be told of. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple

from shared.clock import PARIS

_WEEK: Final = timedelta(days=7)
#: When a week is told of, on the Monday after it.
_HOUR: Final = time(7)


class Week(NamedTuple):
    """A week by its Monday."""

    first: date

    @property
    def last(self) -> date:
        """Its Sunday."""
        return self.first + timedelta(days=6)

    @property
    def before(self) -> Week:
        """The week before it."""
        return Week(self.first - _WEEK)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.first + _WEEK, time(), PARIS).astimezone(UTC)


def last_week(now: datetime) -> Week:
    """The last full week that is to be told of by now: on Mondays before seven, still the one before."""
    local = now.astimezone(PARIS)
    monday = local.date() - timedelta(days=local.weekday())
    begun = Week(monday - _WEEK)
    return begun if local >= datetime.combine(monday, _HOUR, PARIS) else begun.before
