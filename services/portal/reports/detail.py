"""« Détail du calcul »: the events that make a figure, each with the way to its incident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath

from services.portal.look.typography import NBSP, lower_first
from services.portal.reports import choice as choices
from services.portal.reports import periods, wording
from services.portal.reports.asking import item_of, labels_of, read
from services.portal.reports.choice import Choice
from services.portal.visit import Here
from shared.events.titles import BY_NAME
from shared.http.identity import MANAGERS

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
    found = await visit.query.report_detail(name, asked | ({"cursor": cursor} if cursor else {}))
    labels = await labels_of(visit)
    here = f"{choice.path}/detail?{urlencode(asked)}"
    return await visit.page(
        "reports/detail.html",
        item=item,
        detail=found,
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


def narrowed(choice: Choice, cells: Mapping[str, str], labels: Mapping[str, Mapping[str, str]]) -> str:
    """The period and everything the figure is narrowed to, in words."""
    said = [choice.period.words()]
    for axis, code in {**choice.filters, **cells}.items():
        known = labels.get(axis, {})
        word = code if axis in periods.UNITS else wording.label(axis, code, known)
        said.append(f"{lower_first(periods.UNITS.get(axis) or wording.axis_name(axis))}{NBSP}: {word}")
    return ", ".join(said)
