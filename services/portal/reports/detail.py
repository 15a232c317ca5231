"""« Détail du calcul »: the events that make a figure, each with the way to its incident."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from services.portal.look.typography import lower_first
from services.portal.reports import choice as choices
from services.portal.reports import figures, periods, wording
from services.portal.reports.asking import Labels, item_of, labels_of, labels_with, read
from services.portal.reports.choice import Choice
from services.portal.visit import Here
from shared.events.titles import BY_NAME
from shared.http.identity import MANAGERS
from shared.typography import NBSP
from shared.wire.reports import Report

#: How the value of an axis is called in the address.
_CELL: Final = "cell."


@get(f"{choices.ROOT}/{{name:str}}/detail", access=MANAGERS, include_in_schema=False)
async def detail(visit: Here, name: FromPath[str]) -> Response[str]:
    """What makes a figure.

    Read from the address: the period and what it is narrowed to, as `Choice`; `column`; `cell.<axis>`, the values of
    the figure's row; `cursor`.
    """
    item, given = await item_of(visit, name), visit.request.query_params
    choice = read(visit, item)
    cells = {axis: given[_CELL + axis][:100] for axis in item.by if given.get(_CELL + axis) is not None}
    column, cursor = given.get("column", "")[:100], given.get("cursor", "")[:500]
    asked = {
        **choice.asked(choice.period, *cells),
        "column": column,
        **{_CELL + axis: value for axis, value in cells.items()},
    }
    found, made, known = await asyncio.gather(
        visit.query.report_detail(name, asked | ({"cursor": cursor} if cursor else {})),
        visit.query.report(name, choice.asked(choice.period, *cells)),
        labels_of(visit),
    )
    labels = labels_with(known, made)
    here = f"{choice.path}/detail?{urlencode(asked)}"
    return await visit.page(
        "reports/detail.html",
        item=item,
        detail=found,
        figure=figure(made, found.column, cells),
        back=choice.address(),
        narrowed=narrowed(choice, cells, labels),
        as_known_at=choice.at,
        is_timed=any(one.minutes is not None for one in found.items),
        opens=visit.person.is_agent,
        words={"urgency": wording.WORDS["urgency"], **labels},
        titles=BY_NAME,
        first=here if cursor else "",
        following=f"{here}&{urlencode({'cursor': found.next})}" if found.next else "",
    )


def figure(report: Report, column: str, cells: Mapping[str, str]) -> str:
    """The figure itself, in words.

    Args:
        report: split by the axes of the figure's row.
        column: the figure's.
        cells: the values of the figure's row.
    """
    units = {one.name: one.unit for one in report.columns}
    rows = (row for row in figures.records(report) if all(figures.code(row[axis]) == cells[axis] for axis in report.by))
    return wording.written(next(rows, figures.nothing(report))[column], units[column])


def narrowed(choice: Choice, cells: Mapping[str, str], labels: Labels) -> str:
    """The period and everything the figure is narrowed to, in words."""
    return ", ".join([choice.period.words(), *chosen({**choice.filters, **cells}, labels)])


def chosen(codes: Mapping[str, str], labels: Labels) -> Iterator[str]:
    """What figures are narrowed to, each in words: `urgence : Élevée`."""
    for axis, code in codes.items():
        known = labels.get(axis, {})
        word = code if axis in periods.UNITS else wording.label(axis, code, known)
        yield f"{lower_first(periods.UNITS.get(axis) or wording.axis_name(axis))}{NBSP}: {word}"
