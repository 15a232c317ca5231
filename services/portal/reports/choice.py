"""What is asked of a report: all of it stands in the address, and goes back into one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import msgspec

from services.portal.reports import periods
from services.portal.reports.periods import Period
from shared.clock import PARIS
from shared.wire.reports import ReportItem

ROOT: Final = "/rapports"
#: What figures can be split by -> its French word; the first that a report knows is the usual one.
SPLITS: Final = {
    "known-error": "Erreur connue",
    "message": "Sorte de courriel",
    "subject": "Objet",
    "group": "Équipe",
    "urgency": "Urgence",
    "origin": "Origine",
    "kind": "Nature",
}
#: What the period can be put beside; without any of these, its totals alone stand beside those of the year before, for
#: `periods.YEARS`, or of the period before.
COMPARISONS: Final = {
    "": "Rien",
    "previous": "La période d’avant",
    "year": "La même, un an avant",
    "dates": "D’autres dates",
}
_USUAL: Final = "30-days"
_LONGEST: Final = 3660  # days; query answers for no more
_YEARS: Final = range(2000, 2100)
_MOST: Final = 200  # characters of a code
#: How an instant stands in the address, by the clock of Paris.
_INSTANT: Final = "%Y-%m-%dT%H:%M"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked.

    Attributes:
        report: its name.
        named: the name of the period; empty where it was given as dates.
        period: the days.
        unit: what time is cut into.
        split: what the figures are split by; empty where the report can be split by nothing.
        filters: codes by what they narrow the figures to.
        at: the report as it was known then, aware; None as it is known now.
        comparison: one of `COMPARISONS`; but for the first, the two periods stand beside each other.
        versus: the other dates of the comparison `dates`.
    """

    report: str
    named: str
    period: Period
    unit: str = "day"
    split: str = ""
    filters: Mapping[str, str] = {}
    at: datetime | None = None
    comparison: str = ""
    versus: Period | None = None

    def compared(self) -> Period:
        """The period that this one is compared with."""
        if self.comparison == "dates" and self.versus:
            return self.versus
        if self.is_beside_year:
            return self.period.year_before()
        return periods.preceding(self.named, self.period)

    @property
    def is_beside_year(self) -> bool:
        """Whether it is compared with the same days of the year before."""
        return self.comparison == "year" or (not self.comparison and self.named in periods.YEARS)

    def asked(self, period: Period, *by: str) -> dict[str, str]:
        """The parameters that query is asked with for a period, by so many axes."""
        given = {"from": period.start.isoformat(), "to": period.end.isoformat(), "by": ",".join(by), **self.filters}
        return given | ({"at": self.at.isoformat()} if self.at else {})

    def params(self) -> dict[str, str]:
        """What stands in the address; what is usual is left out."""
        when = {"period": self.named} if self.named else _dates(self.period)
        given = {
            **when,
            "by": ",".join(filter(None, (self.unit, self.split))),
            **self.filters,
            "at": self.at_text,
            "compare": self.comparison,
            **({f"versus-{name}": day for name, day in _dates(self.versus).items()} if self.versus else {}),
        }
        return {name: value for name, value in given.items() if value}

    @property
    def at_text(self) -> str:
        """The instant of `at` by the clock of Paris; empty where there is none."""
        return self.at.astimezone(PARIS).strftime(_INSTANT) if self.at else ""

    @property
    def path(self) -> str:
        """The page of the report."""
        return f"{ROOT}/{self.report}"

    def address(self, page: str = "", **changes: str) -> str:
        """A page of the report (`detail`, `csv`) that shows this, but with some parameters changed."""
        given = {**self.params(), **changes}
        place = f"{self.path}/{page}" if page else self.path
        return f"{place}?{urlencode({name: value for name, value in given.items() if value})}"

    def during(self, name: str) -> str:
        """The address with the period of another name."""
        given = {key: value for key, value in self.params().items() if key not in {"period", "from", "to"}}
        return f"{self.path}?{urlencode({'period': name, **given})}"

    def detail(self, column: str, period: Period | None = None, cells: Mapping[str, str] | None = None) -> str:
        """The address of what makes a figure.

        Args:
            column: the figure's.
            period: where it is not that of the choice.
            cells: the value of each axis in its row; empty where there is none.
        """
        cells = cells or {}
        given = {name: value for name, value in self.asked(period or self.period, *cells).items() if value}
        given |= {"column": column, **{f"cell.{axis}": value for axis, value in cells.items()}}
        return f"{self.path}/detail?{urlencode(given)}"


def _dates(period: Period) -> dict[str, str]:
    return {"from": period.start.isoformat(), "to": period.end.isoformat()}


def read_choice(item: ReportItem, given: Mapping[str, str], by: Sequence[str], today: date) -> Choice:
    """Read the address; what cannot be read counts as not given.

    A period given backwards is turned round, and one that is too long begins later. Dates beside a name of a period are
    those of a form in which they were shown: where they are other ones, somebody changed them, and they hold.

    Args:
        item: the report.
        given: the parameters, one of each name.
        by: values of `by`, each a comma list of units and splits.
        today: in Paris.
    """
    name, period = _period(given, today)
    asked = [word.strip() for value in by for word in value.split(",")]
    units, splits = units_of(item), splits_of(item)
    comparison, versus = given.get("compare", ""), _dated(given.get("versus-from"), given.get("versus-to"))
    if comparison not in COMPARISONS or (comparison == "dates" and not versus):
        comparison = ""
    return Choice(
        report=item.name,
        named=name,
        period=period,
        unit=next((word for word in asked if word in units), suited(period)),
        split=next((word for word in asked if word in splits), next(iter(splits), "")),
        filters={axis: code for axis in item.filters if (code := given.get(axis, "").strip()[:_MOST])},
        at=_instant(given.get("at", "")),
        comparison=comparison,
        versus=versus,
    )


def units_of(item: ReportItem) -> list[str]:
    """What time can be cut into in a report."""
    return [axis for axis in periods.UNITS if axis in item.by]


def splits_of(item: ReportItem) -> list[str]:
    """What the figures of a report can be split by."""
    return [axis for axis in SPLITS if axis in item.by]


def suited(period: Period) -> str:
    """The unit in which a period is neither too coarse nor too fine to look at."""
    return "day" if period.length <= 45 else "week" if period.length <= 190 else "month"  # noqa: PLR2004 - days


def _period(given: Mapping[str, str], today: date) -> tuple[str, Period]:
    name = given.get("period", "")
    dated = _dated(given.get("from"), given.get("to"))
    if name in periods.NAMED and dated in {None, periods.named(name, today)}:
        return name, periods.named(name, today)
    if dated:
        return "", dated
    if end := read_day(given.get("to")):
        return "", Period(end - timedelta(29), end)
    if start := read_day(given.get("from")):
        return "", Period(min(start, today), max(start, today))
    return _USUAL, periods.named(_USUAL, today)


def _dated(start: str | None, end: str | None) -> Period | None:
    first, last = read_day(start), read_day(end)
    if first is None or last is None:
        return None
    first, last = min(first, last), max(first, last)
    return Period(max(first, last - timedelta(_LONGEST)), last)


def read_day(text: str | None) -> date | None:
    """A day of the address; None where there is none, or one that no incident can lie on."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def _instant(text: str) -> datetime | None:
    """An instant by the clock of Paris; where that is ambiguous, the first one."""
    try:
        return datetime.strptime(text.strip()[: len("2026-11-06T10:49")], _INSTANT).replace(tzinfo=PARIS)
    except ValueError:
        return None
