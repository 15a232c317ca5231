"""What managers read: volumes as figures, charts and tables, and the history of events."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time
from typing import Annotated, Any, Final, NamedTuple

import httpx
from litestar import Response, get
from litestar.params import FromQuery, QueryParameter

from services.portal.look.typography import NBSP, day, thousands
from services.portal.pages.documents import passed_on
from services.portal.reports import charts, volumes
from services.portal.reports.volumes import Choice, Split
from services.portal.upstream.query import Query
from services.portal.visit import Here, Visit
from shared.clock import PARIS, paris_date
from shared.events.titles import BY_NAME
from shared.http.identity import MANAGERS
from shared.wire.reports import Report

#: What each of `volumes.COUNTS` is called.
HEADS: Final = ("Créés", "Pris en compte", "Résolus", "Clôturés")
_PASSED: Final = ("content-type", "content-disposition")
HEAT_MOMENTS: Final = 93  # more columns than this cannot be told apart


class Chart(NamedTuple):
    """A chart of the page with everything said about it."""

    title: str
    description: str
    drawing: Any
    heads: list[str]
    rows: list[list[Any]]


@get("/rapports", access=MANAGERS, include_in_schema=False)
async def reports(visit: Here) -> Response[str]:
    """The reports there are."""
    items = (await visit.query.reports()).items
    return await visit.page("reports.html", reports=items)


@get("/rapports/volumes", access=MANAGERS, include_in_schema=False)
async def report(visit: Here) -> Response[str]:
    """How many incidents came in, were taken, resolved and closed."""
    choice = _choice(visit)
    values = await _figures(visit, choice)
    return await visit.page(
        "report.html",
        choice=choice,
        period=_period(choice),
        units=volumes.UNITS,
        splits=volumes.SPLITS,
        csv=_csv_address(choice),
        **values,
    )


@get("/rapports/volumes.csv", access=MANAGERS, include_in_schema=False)
async def report_csv(visit: Here) -> Response[Any]:
    """The same figures for a spreadsheet, as the query service writes them for people."""
    choice = _choice(visit)
    params = {**choice.params, "by": f"{choice.unit},{choice.split}", "labels": "true"}
    return await passed_on(visit.query.report_csv("volumes", params), _PASSED)


@get("/rapports/evenements", access=MANAGERS, include_in_schema=False)
async def events(
    visit: Here, after: FromQuery[str] = "", kind: Annotated[str, QueryParameter(name="type")] = ""
) -> Response[str]:
    """The history of events, oldest first, a page at a time."""
    wanted = kind if kind in BY_NAME else ""
    feed = await visit.query.events(after=after, kind=wanted)
    return await visit.page("report_events.html", feed=feed, after=after, kind=wanted, kinds=BY_NAME)


def _choice(visit: Visit) -> Choice:
    """What the address asks for: `from`, `to` and any number of `by`."""
    asked = visit.request.query_params
    return volumes.read_choice(asked.get("from"), asked.get("to"), asked.getall("by", []), paris_date(visit.site.now()))


async def _figures(visit: Visit, choice: Choice) -> dict[str, Any]:
    """Ask for everything the page shows at once, and put it in order."""
    query, second = visit.query, "urgency" if choice.split != "urgency" else "group"
    now, before, split, other = await asyncio.gather(
        _volumes(query, choice, choice.unit),
        _volumes(query, choice.before(), choice.unit),
        _volumes(query, choice, f"{choice.unit},{choice.split}"),
        _volumes(query, choice, second),
    )
    labels = await _labels(visit, choice.split) | await _labels(visit, second)
    table = volumes.by_moment(now, choice)
    sums, sums_before = (
        volumes.totals(table.values()),
        volumes.totals(volumes.by_moment(before, choice.before()).values()),
    )
    lines = volumes.by_split(split, choice, labels)
    others = volumes.by_split(other, choice._replace(split=second), labels)
    return {
        "figures": [
            (label, sums[name], volumes.compared(sums[name], sums_before[name]))
            for name, label in zip(volumes.COUNTS, HEADS, strict=True)
        ],
        "over_time": _over_time(table, choice),
        "split": _ranked(lines, choice.split),
        "other": _ranked(others, second),
        "crossed": _crossed(lines, list(table), choice),
    }


def _period(choice: Choice) -> str:
    """`Du 26 octobre au 24 novembre 2026, comparé aux 30 jours précédents`."""
    first, last = (day(datetime.combine(one, time(12), PARIS)) for one in (choice.start, choice.end))
    if choice.start == choice.end:
        return f"Le {last}{NBSP}{choice.end.year}, comparé à la veille"
    year = "" if choice.start.year == choice.end.year else f"{NBSP}{choice.start.year}"
    compared = f"comparé aux {thousands(choice.length)}{NBSP}jours précédents"
    return f"Du {first}{year} au {last}{NBSP}{choice.end.year}, {compared}"


async def _volumes(query: Query, choice: Choice, by: str) -> Report:
    return await query.report("volumes", {**choice.params, "by": by})


async def _labels(visit: Visit, split: str) -> dict[str, str]:
    """French labels of the codes of a split."""
    if split not in {"subject", "group"}:
        return dict(volumes.WORDS[split])
    items = (await visit.query.subjects()).items
    if split == "subject":
        return {item.subject: item.label for item in items}
    return {item.group: item.group_label for item in items}


def _over_time(table: dict[date, dict[str, int]], choice: Choice) -> Chart:
    words = [volumes.word(moment, choice.unit) for moment in table]
    series = [
        charts.Series("créés", "c4", [line["created"] for line in table.values()]),
        charts.Series("résolus", "c2", [line["resolved"] for line in table.values()]),
    ]
    unit = volumes.UNITS[choice.unit].lower()
    drawing = charts.columns(words, series, volumes.written)
    described = f"Le plus fort\u00a0: {drawing.peak.title}." if drawing.peak else "Aucun incident sur la période."
    rows = [
        [word, *(line[count] for count in volumes.COUNTS)] for word, line in zip(words, table.values(), strict=True)
    ]
    heads = ["Semaine du" if choice.unit == "week" else volumes.UNITS[choice.unit], *HEADS]
    return Chart(f"Créés et résolus, par {unit}", described, drawing, heads, rows)


def _ranked(lines: list[Split], split: str) -> Chart:
    drawing = charts.bars([line.label for line in lines], [line.counts["created"] for line in lines], volumes.written)
    described = f"En tête\u00a0: {drawing.bars[0].box.title}." if drawing.bars else "Aucun incident sur la période."
    rows = [[line.label, *(line.counts[count] for count in volumes.COUNTS)] for line in lines]
    label = volumes.SPLITS[split]
    return Chart(f"Créés, par {label.lower()}", described, drawing, [label, *HEADS], rows)


def _crossed(lines: list[Split], moments: list[date], choice: Choice) -> Chart | None:
    """Created by split and moment; None where it would say nothing or could not be read."""
    shown = [line for line in lines if line.counts["created"]]
    if not shown or not 1 < len(moments) <= HEAT_MOMENTS:
        return None
    words = [volumes.word(moment, choice.unit) for moment in moments]
    values = [[line.created.get(moment, 0) for moment in moments] for line in shown]
    drawing = charts.heat([line.label for line in shown], words, values, volumes.written)
    label, unit = volumes.SPLITS[choice.split], volumes.UNITS[choice.unit].lower()
    described = f"Le plus fort\u00a0: {drawing.peak.title}." if drawing.peak else ""
    rows = [[line.label, *counts] for line, counts in zip(shown, values, strict=True)]
    return Chart(f"Créés, par {label.lower()} et par {unit}", described, drawing, [label, *words], rows)


def _csv_address(choice: Choice) -> str:
    return str(httpx.URL("/rapports/volumes.csv", params={**choice.params, "by": f"{choice.unit},{choice.split}"}))
