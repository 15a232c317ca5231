"""What supervisors begin with: today, the last seven days in figures, and all reports."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple
from urllib.parse import urlencode

from litestar import Response, get

from services.portal.queues.pages import waited
from services.portal.reports import drawing, figures, saved, wording
from services.portal.reports.choice import ROOT, Choice
from services.portal.reports.drawing import Cell, Figure
from services.portal.reports.periods import Period, named
from services.portal.reports.saved import address
from services.portal.upstream.query import Query
from services.portal.visit import Here
from shared.clock import paris_date
from shared.http.identity import MANAGERS
from shared.wire.dashboard import Dashboard, Rush
from shared.wire.reports import ReportItem

#: What is shown of the last days: columns by report. Reports that there are not yet are left out.
SHOWN: Final = {
    "volumes": ("created", "resolved"),
    "targets": ("take_met_share", "resolve_met_share"),
    "times": ("take_median", "resolve_median"),
}
_PERIOD: Final = "7-days"


class Door(NamedTuple):
    """A report and the ways into it: label and address."""

    item: ReportItem
    address: str
    ways: list[tuple[str, str]]


@get(ROOT, access=MANAGERS, include_in_schema=False)
async def dashboard(visit: Here) -> Response[str]:
    """Today, the last days, and all reports.

    Read from the address: `avis`, what a form did.
    """
    query, today = visit.query, paris_date(visit.site.now())
    now, items, kept = await asyncio.gather(query.dashboard(), query.reports(), query.saved_reports())
    return await visit.page(
        "reports/dashboard.html",
        dashboard=now,
        now_figures=list(today_figures(now, today)),
        rushes=[(rush, rush_words(rush), rush_address(rush)) for rush in now.rushes],
        week=await last_days(query, items.items, today),
        period=named(_PERIOD, today),
        doors=[door(item) for item in items.items],
        saved=[(one, address(one)) for one in kept],
        late=sum(one.late for one in now.waiting),
        opens=visit.person.is_agent,
        notice=saved.NOTICES.get(visit.request.query_params.get("avis", ""), ""),
        waited=waited,
    )


def today_figures(now: Dashboard, today: date) -> Iterator[tuple[str, Cell]]:
    """What came in today and what waits in all groups together, each with the way to the events that make it."""
    day = Period(today, today)
    volumes, backlog = (Choice(report=name, named="", period=day) for name in ("volumes", "backlog"))
    yield "Créés aujourd’hui", _counted(now.created, volumes.detail("created"))
    for name, label in {"to_handle": "À prendre en compte", "in_progress": "En cours", "on_hold": "En attente"}.items():
        yield label, _counted(sum(getattr(one, name) for one in now.waiting), backlog.detail(name))


def _counted(number: int, href: str) -> Cell:
    return Cell(wording.written(number, "count"), href if number else "")


def rush_words(rush: Rush) -> str:
    """`12 aujourd’hui, 3,4 d’habitude à cette heure (moyenne de 8 jours)`."""
    usual = wording.written(rush.usual, "average")
    days = f"moyenne de {rush.days} jours" if rush.days > 1 else "un seul jour connu"
    return f"{wording.written(rush.created, 'count')} aujourd’hui, {usual} d’habitude à cette heure ({days})"


def rush_address(rush: Rush) -> str:
    """The report that shows the last days of a subject."""
    return f"{ROOT}/volumes?{urlencode({'period': _PERIOD, 'by': 'day', 'subject': rush.subject})}"


async def last_days(query: Query, items: Iterable[ReportItem], today: date) -> list[Figure]:
    """The figures of the last days beside those of as many days before."""
    period = named(_PERIOD, today)
    there = [item for item in items if item.name in SHOWN]
    found = await asyncio.gather(*(_figures(query, item, period) for item in there))
    return [figure for some in found for figure in some]


async def _figures(query: Query, item: ReportItem, period: Period) -> list[Figure]:
    choice = Choice(report=item.name, named=_PERIOD, period=period)
    now, before = await asyncio.gather(
        query.report(item.name, choice.asked(period)), query.report(item.name, choice.asked(period.before()))
    )
    columns = [column for column in item.columns if column.name in SHOWN[item.name]]
    return [drawing.figure(column, choice, figures.total(now), figures.total(before)) for column in columns]


def door(item: ReportItem) -> Door:
    """A report with some of the ways to look at it."""
    path = f"{ROOT}/{item.name}"
    ways = [("Cette année scolaire", f"{path}?period=school-year"), ("Comparé à l’an dernier", f"{path}?compare=year")]
    return Door(item, path, ways)
