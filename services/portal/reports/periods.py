"""Periods of Europe/Paris days, those that have a name, and the moments that they are cut into. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from services.portal.look.typography import day, lower_first
from shared.clock import PARIS
from shared.typography import NBSP

#: What time can be cut into -> its French word.
UNITS: Final = {
    "day": "Jour",
    "week": "Semaine",
    "month": "Mois",
    "year": "Année",
    "school-year": "Année scolaire",
}
MONTHS: Final = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
#: The month in which a school year begins.
SEPTEMBER: Final = 9
_DAY: Final = timedelta(days=1)


class Period(NamedTuple):
    """Days, both included."""

    start: date
    end: date

    @property
    def length(self) -> int:
        """How many days."""
        return (self.end - self.start).days + 1

    def before(self) -> Period:
        """The period of the same length that ends the day before this one begins."""
        return Period(self.start - timedelta(self.length), self.start - _DAY)

    def month_before(self) -> Period:
        """The same days of the month before, to its end where this one reaches the end of its own."""
        end = _month_before(self.end)
        if (self.end + _DAY).day == 1:
            end = self.end.replace(day=1) - _DAY
        return Period(_month_before(self.start), end)

    def year_before(self) -> Period:
        """The same days of the year before."""
        return Period(_year_before(self.start), _year_before(self.end))

    def words(self) -> str:
        """`Du 26 octobre au 24 novembre 2026`, `Du 1er au 24 novembre 2026`, `Le 24 novembre 2026`."""
        last = f"{_said(self.end)}{NBSP}{self.end.year}"
        if self.start == self.end:
            return f"Le {last}"
        if (self.start.year, self.start.month) == (self.end.year, self.end.month):
            return f"Du {_number(self.start)} au {last}"
        year = "" if self.start.year == self.end.year else f"{NBSP}{self.start.year}"
        return f"Du {_said(self.start)}{year} au {last}"

    def against(self) -> str:
        """`par rapport à la période du 26 octobre au 24 novembre 2026`, `par rapport au 23 novembre 2026`."""
        said = lower_first(self.words())
        return f"par rapport {said.replace('le', 'au', 1) if self.start == self.end else f'à la période {said}'}"


def _number(one: date) -> str:
    return "1er" if one.day == 1 else str(one.day)


def _said(one: date) -> str:
    return day(datetime.combine(one, time(12), PARIS))


def _month_before(one: date) -> date:
    """The same day of the month before; its last one where it has no such day."""
    end = one.replace(day=1) - _DAY
    return end.replace(day=min(one.day, end.day))


def _year_before(one: date) -> date:
    """The same day of the year before; 28 February for the 29th."""
    return one.replace(year=one.year - 1, day=28 if (one.month, one.day) == (2, 29) else one.day)


def school_year(today: date) -> Period:
    """The school year that a day lies in, from 1 September to 31 August."""
    first = today.year if today.month >= SEPTEMBER else today.year - 1
    return Period(date(first, SEPTEMBER, 1), date(first + 1, SEPTEMBER, 1) - _DAY)


def _last_month(today: date) -> Period:
    end = today.replace(day=1) - _DAY
    return Period(end.replace(day=1), end)


def _so_far(period: Period, today: date) -> Period:
    return Period(period.start, min(period.end, today))


#: Periods that have a name -> their French words.
NAMED: Final[Mapping[str, str]] = {
    "7-days": "7 derniers jours",
    "30-days": "30 derniers jours",
    "month": "Ce mois-ci",
    "last-month": "Le mois dernier",
    "school-year": "Cette année scolaire",
    "last-school-year": "L’année scolaire passée",
    "year": "Cette année civile",
}
#: Those that stand beside the year before where nobody says otherwise, whose holidays are the same.
YEARS: Final = frozenset({"school-year", "last-school-year", "year"})
_NAMED: Final[Mapping[str, Callable[[date], Period]]] = {
    "7-days": lambda today: Period(today - timedelta(6), today),
    "30-days": lambda today: Period(today - timedelta(29), today),
    "month": lambda today: Period(today.replace(day=1), today),
    "last-month": _last_month,
    "school-year": lambda today: _so_far(school_year(today), today),
    "last-school-year": lambda today: school_year(school_year(today).start - _DAY),
    "year": lambda today: Period(today.replace(month=1, day=1), today),
}


def named(name: str, today: date) -> Period:
    """The days that a name of `NAMED` stands for."""
    return _NAMED[name](today)


def preceding(name: str, period: Period) -> Period:
    """The period before: of a month, the same days of the month before; of others, as many days as they have.

    Args:
        name: of `NAMED`; empty where the period has none.
        period: its days.
    """
    return period.month_before() if name in {"month", "last-month"} else period.before()


def floor(one: date, unit: str) -> date:
    """The first day of the week, month or year that a day lies in."""
    match unit:
        case "week":
            return one - timedelta(one.weekday())
        case "month":
            return one.replace(day=1)
        case "year":
            return one.replace(month=1, day=1)
        case "school-year":
            return school_year(one).start
        case _:
            return one


def moments(period: Period, unit: str) -> Iterator[date]:
    """First day of each unit of a period, none left out."""
    longest = {"day": 1, "week": 7, "month": 31}.get(unit, 366)
    one = floor(period.start, unit)
    while one <= period.end:
        yield one
        one = floor(one + timedelta(longest), unit)


def code(moment: date, unit: str) -> str:
    """A moment as reports write it: `2026-11-24`, `2026-W48`, `2026-11`, `2026`, `2026-2027`."""
    match unit:
        case "week":
            year, week, _ = moment.isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return f"{moment:%Y-%m}"
        case "year":
            return str(moment.year)
        case "school-year":
            return f"{moment.year}-{moment.year + 1}"
        case _:
            return moment.isoformat()


def words(period: Period, unit: str) -> Callable[[date], str]:
    """What writes the moments of a period in axes and tables.

    It writes `24/11`, or `24/11/2026` in a period that lies in several years; `nov. 2026`, `2026-2027`.
    """
    match unit:
        case "year" | "school-year":
            return lambda moment: code(moment, unit)
        case "month":
            return lambda moment: f"{MONTHS[moment.month - 1]}{NBSP}{moment.year}"
        case _:
            form = "%d/%m" if floor(period.start, unit).year == period.end.year else "%d/%m/%Y"
            return lambda moment: moment.strftime(form)
