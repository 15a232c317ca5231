"""The figures of an answer put in order: in all, by moment, by what they are split by. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from services.portal.reports import periods, wording
from services.portal.reports.periods import Period
from services.portal.reports.wording import Value
from shared.wire.reports import Column, Report

Line = Mapping[str, Value]


class Split(NamedTuple):
    """The figures of one subject, one group, one urgency."""

    code: str
    label: str
    figures: Line


def columns(report: Report) -> list[Column]:
    """The columns that hold figures."""
    return [column for column in report.columns if column.name not in report.by]


def records(report: Report) -> Iterator[dict[str, Value]]:
    """Each row, its values by the name of their column."""
    names = [column.name for column in report.columns]
    for row in report.rows:
        yield dict(zip(names, row, strict=True))


def nothing(report: Report) -> dict[str, Value]:
    """The figures of where nothing happened: counts are nought, of the others there are none."""
    return {column.name: 0 if column.unit == "count" else None for column in columns(report)}


def total(report: Report) -> Line:
    """The one row of a report that is split by nothing."""
    return next(records(report), nothing(report))


def by_moment(report: Report, period: Period, unit: str) -> dict[date, Line]:
    """The figures at each moment of a period, in order, none left out."""
    found = {str(record[unit]): record for record in records(report)}
    return {moment: found.get(periods.code(moment, unit), nothing(report)) for moment in periods.moments(period, unit)}


def code(value: Value) -> str:
    """A value of an axis as addresses say it; empty where there is none."""
    return "" if value is None else str(value)


def by_split(report: Report, axis: str, ranked: str, labels: Mapping[str, str]) -> list[Split]:
    """The figures by an axis, highest first; where there is none, last.

    Args:
        report: split by that axis alone.
        axis: what it is split by.
        ranked: column by which they are ordered.
        labels: words of the codes that the catalogue knows.
    """
    found = [Split(code(record[axis]), wording.label(axis, record[axis], labels), record) for record in records(report)]
    return sorted(found, key=lambda split: (-(number(split.figures[ranked]) or 0), split.label))


def crossed(report: Report, across: str, down: str, column: str) -> dict[tuple[str, str], float]:
    """The figures of one column by two axes, those that are nought left out."""
    return {
        (code(record[down]), code(record[across])): value
        for record in records(report)
        if (value := number(record[column]))
    }


def number(value: Value) -> float | None:
    """A figure that can be drawn."""
    return value if isinstance(value, int | float) else None


def series(lines: Iterable[Line], column: str) -> list[float | None]:
    """One column of several rows."""
    return [number(line[column]) for line in lines]
