"""What a manager asks about volumes, and the figures of the answer put in order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from services.portal.look.typography import NBSP, thousands
from shared.events.vocabulary import Kind, Origin, Urgency
from shared.wire.reports import Report

UNITS: Final = {"day": "Jour", "week": "Semaine", "month": "Mois"}
SPLITS: Final = {"subject": "Objet", "group": "Équipe", "urgency": "Urgence", "origin": "Origine", "kind": "Nature"}
COUNTS: Final = ("created", "taken", "resolved", "closed")
MONTHS: Final = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    name: {str(code): code.label for code in codes}
    for name, codes in (("urgency", Urgency), ("origin", Origin), ("kind", Kind))
}
DAYS: Final = 30  # shown when nothing is asked
LONGEST: Final = 3660  # days; query answers for no more
YEARS: Final = range(2000, 2100)


class Choice(NamedTuple):
    """What is asked: days, both included; the unit of time; what the figures are split by."""

    start: date
    end: date
    unit: str
    split: str

    @property
    def params(self) -> dict[str, str]:
        """The period, as the query service wants it."""
        return {"from": self.start.isoformat(), "to": self.end.isoformat()}

    @property
    def length(self) -> int:
        """Days of the period."""
        return (self.end - self.start).days + 1

    def before(self) -> Choice:
        """The period of the same length that ends the day before this one begins."""
        return self._replace(start=self.start - timedelta(self.length), end=self.start - timedelta(1))


def _day(text: str | None, otherwise: date) -> date:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return otherwise
    return day if day.year in YEARS else otherwise


def read_choice(start: str | None, end: str | None, by: Iterable[str], today: date) -> Choice:
    """Read the address; what cannot be read counts as not given.

    A period given backwards is turned round, and one that is too long begins later.

    Args:
        start: ISO date.
        end: ISO date.
        by: values of `by`, each a comma list of units and splits.
        today: in Paris.
    """
    last = _day(end, today)
    first = _day(start, last - timedelta(DAYS - 1))
    asked = [word.strip() for value in by for word in value.split(",")]
    unit = next((word for word in asked if word in UNITS), "day")
    split = next((word for word in asked if word in SPLITS), "subject")
    first, last = min(first, last), max(first, last)
    return Choice(max(first, last - timedelta(LONGEST)), last, unit, split)


def floor(day: date, unit: str) -> date:
    """The first day of the week or month that a day lies in."""
    if unit == "week":
        return day - timedelta(day.weekday())
    return day.replace(day=1) if unit == "month" else day


def moments(choice: Choice) -> Iterator[date]:
    """First day of each unit of the period, none left out."""
    day = floor(choice.start, choice.unit)
    while day <= choice.end:
        yield day
        day = floor(day + timedelta({"day": 1, "week": 7}.get(choice.unit, 31)), choice.unit)


def word(day: date, unit: str) -> str:
    """A moment as axes and tables write it: `24/11`, `nov. 2026`."""
    return f"{MONTHS[day.month - 1]}{NBSP}{day.year}" if unit == "month" else f"{day:%d/%m}"


def _moment(value: Any, unit: str) -> date:
    """The first day of a moment, from `2026-11-24`, `2026-W48` or `2026-11`."""
    text = str(value)
    return floor(date.fromisoformat(f"{text}-01" if len(text) == len("2026-11") else text), unit)


def _records(report: Report) -> Iterator[dict[str, Any]]:
    names = [column.name for column in report.columns]
    for row in report.rows:
        yield dict(zip(names, row, strict=True))


def by_moment(report: Report, choice: Choice) -> dict[date, dict[str, int]]:
    """Counts for each moment of the period, in order; noughts where the report has no row."""
    table = {moment: dict.fromkeys(COUNTS, 0) for moment in moments(choice)}
    for record in _records(report):
        line = table.setdefault(_moment(record[choice.unit], choice.unit), dict.fromkeys(COUNTS, 0))
        for count in COUNTS:
            line[count] += int(record[count] or 0)
    return table


class Split(NamedTuple):
    """Counts of one subject, group, urgency…, and how many were created at each moment."""

    code: str
    label: str
    counts: dict[str, int]
    created: dict[date, int]


def by_split(report: Report, choice: Choice, labels: Mapping[str, str]) -> list[Split]:
    """The split figures, most created first.

    Args:
        report: by unit and split, or by split alone.
        choice: what was asked.
        labels: French label of each code, where the report has none beside it.
    """
    timed = any(column.name == choice.unit for column in report.columns)
    found: dict[str, Split] = {}
    for record in _records(report):
        code = str(record[choice.split] or "")
        label = record.get(f"{choice.split}_label") or labels.get(code) or code or "Sans équipe"
        line = found.setdefault(code, Split(code, str(label), dict.fromkeys(COUNTS, 0), {}))
        for count in COUNTS:
            line.counts[count] += int(record[count] or 0)
        if timed:
            moment = _moment(record[choice.unit], choice.unit)
            line.created[moment] = line.created.get(moment, 0) + int(record["created"] or 0)
    return sorted(found.values(), key=lambda line: (-line.counts["created"], line.label))


def totals(table: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Sums of each count."""
    sums = dict.fromkeys(COUNTS, 0)
    for line in table:
        for count in COUNTS:
            sums[count] += line[count]
    return sums


def compared(now: int, before: int) -> str:
    """A figure beside that of the period before: `1 197 auparavant, soit +4 %`."""
    known = f"{thousands(before)} auparavant"
    if not before or now == before:
        return known
    share = round(100 * (now - before) / before)
    return f"{known}, soit {'+' if share >= 0 else '−'}{thousands(abs(share))}{NBSP}%"


def written(value: float) -> str:
    """A count in French."""
    return thousands(round(value))
