"""What is asked of a report: a period, what to split by, what to narrow to, and as known when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from services.query.parameters import Reader
from services.query.reports.axes import CELLS, CODES, Axis
from services.query.reports.declared import Declared, Figure
from services.query.reports.pages import After, read_after
from shared.clock import PARIS
from shared.text import has_control

_DAYS: Final = 30
_MOST_DAYS: Final = 3660
_LIMIT: Final = 20
_MOST: Final = 100
#: No code or label is longer.
_LONGEST: Final = 100
_CELL: Final = "cell."


class Asked(NamedTuple):
    """A period of Europe/Paris days, both included, what to split by, and what to narrow to.

    Attributes:
        at: the report as it was known then; None for as it is known now.
        filters: codes by axis.
        now: instant of the question; the end of what can be counted is `at` or this.
    """

    first: date
    last: date
    by: tuple[str, ...]
    at: datetime | None
    filters: Mapping[str, tuple[str, ...]]
    now: datetime

    @property
    def until(self) -> datetime:
        """The instant that the report is about where it is about one."""
        return self.at or self.now


class AskedDetail(NamedTuple):
    """Which figure, in which cell, and which page of it.

    Attributes:
        cell: a word of each axis; None for no group.
        after: the last row of the page before.
    """

    figure: Figure
    cell: Mapping[str, str | None]
    after: After | None
    limit: int


def read_asked(report: Declared, given: Mapping[str, str], now: datetime) -> Asked:
    """Parameters `from to by at` and filters; without them, the thirty days up to today, by day.

    Raises:
        Problem: 422 naming every bad value.
    """
    reader = Reader(given)
    asked = _asked(reader, report, now, split="by" in given)
    reader.check()
    return asked


def read_detail(report: Declared, given: Mapping[str, str], now: datetime) -> tuple[Asked, AskedDetail]:
    """The same, and `column limit cursor` and a value of each axis.

    Raises:
        Problem: 422 naming every bad value.
    """
    reader = Reader(given)
    asked = _asked(reader, report, now, split="by" in given)
    figures = {figure.column.name: figure for figure in report.figures}
    figure = reader.choice("column", figures, next(iter(figures)))
    cell = {name: _value(reader, name) for name in asked.by if _CELL + name in given}
    detail = AskedDetail(figure, cell, read_after(reader), reader.limit(_LIMIT, _MOST))
    reader.check()
    return asked, detail


def _asked(reader: Reader, report: Declared, now: datetime, *, split: bool) -> Asked:
    last = _day(reader, "to", now.astimezone(PARIS).date())
    first = _day(reader, "from", last - timedelta(days=min(_DAYS - 1, (last - date.min).days)))
    if first > last:
        reader.refuse("from", "Le début de la période est après sa fin.")
    elif (last - first).days > _MOST_DAYS:
        reader.refuse("from", "La période ne peut pas dépasser dix ans.")
    instant = reader.instant("at")
    at = None if instant is None else min(instant, now)
    return Asked(first, last, _by(reader, report.axes, split=split), at, _filters(reader), now)


def _day(reader: Reader, field: str, default: date) -> date:
    if not (text := reader.text(field)):
        return default
    try:
        if len(text) == len("2026-11-06"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    reader.refuse(field, "La date s’écrit comme 2026-11-06.")
    return default


def _by(reader: Reader, axes: Mapping[str, Axis], *, split: bool) -> tuple[str, ...]:
    by = tuple(dict.fromkeys(reader.words("by") if split else ["day"]))
    if unknown := [word for word in by if word not in axes]:
        known = ", ".join(axes)
        reader.refuse("by", f"« {unknown[0][:40]} » n’est pas un axe. Les axes possibles sont : {known}.")
    return by


def _filters(reader: Reader) -> dict[str, tuple[str, ...]]:
    found = {name: tuple(_written(reader, name, word) for word in reader.words(name)) for name in CELLS}
    for name, codes in CODES.items():
        if unknown := [word for word in found[name] if word not in set(codes)]:
            possible = ", ".join(codes)
            reader.refuse(name, f"« {unknown[0][:40]} » n’existe pas. Les valeurs possibles sont : {possible}.")
    return {name: words for name, words in found.items() if words}


def _value(reader: Reader, name: str) -> str | None:
    return _written(reader, _CELL + name, reader.text(_CELL + name)) or None


def _written(reader: Reader, field: str, word: str) -> str:
    if has_control(word) or len(word) > _LONGEST:
        reader.refuse(field, "Cette valeur n’existe pas.")
    return word
