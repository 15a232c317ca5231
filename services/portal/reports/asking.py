"""What the page of a report asks query for, all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final, NamedTuple

from services.portal.reports import choice as choices
from services.portal.reports.choice import Choice
from services.portal.reports.periods import Period
from services.portal.upstream.http import Problem, Refused
from services.portal.upstream.query import Query
from services.portal.visit import Visit
from shared.clock import paris_date
from shared.wire.reports import Report, ReportItem

#: Axes of the one report that has them.
WEEKDAY: Final = "weekday"
HOUR: Final = "hour"
KNOWN_ERROR: Final = "known-error"

#: The words of codes, by axis and code.
Labels = Mapping[str, Mapping[str, str]]


class Answers(NamedTuple):
    """A report split in each way that its page shows; of another period, what stands beside."""

    total: Report
    before: Report
    moments: Report
    moments_before: Report | None
    splits: Report | None
    splits_before: Report | None
    others: Report | None
    crossed: Report | None
    weekdays: Report | None
    hourly: Report | None


async def item_of(visit: Visit, name: str) -> ReportItem:
    """The report of a name.

    Raises:
        Refused: 404, there is none.
    """
    for item in (await visit.query.reports()).items:
        if item.name == name:
            return item
    raise Refused(Problem(status=404))


def read(visit: Visit, item: ReportItem) -> Choice:
    """What the address asks of a report."""
    given = visit.request.query_params
    today = paris_date(visit.site.now())
    return choices.read_choice(item, {name: given[name] for name in given}, given.getall("by", []), today)


def second(item: ReportItem, choice: Choice) -> str:
    """What the figures are split by beside what was asked: nothing they are narrowed to; empty where none is left."""
    taken = {choice.split, *choice.filters}
    return next((axis for axis in ("urgency", "group", "origin") if axis in item.by and axis not in taken), "")


async def ask(query: Query, item: ReportItem, choice: Choice) -> Answers:
    """Ask for everything at once."""
    now, before = choice.period, choice.compared()
    beside = before if choice.comparison else None
    split = (choice.split,) if choice.split else None

    async def needed(period: Period, *by: str) -> Report:
        return await query.report(choice.report, choice.asked(period, *by))

    async def asked(period: Period | None, by: tuple[str, ...] | None) -> Report | None:
        return None if period is None or by is None else await needed(period, *by)

    totals, others = await asyncio.gather(
        asyncio.gather(needed(now), needed(before), needed(now, choice.unit)),
        asyncio.gather(
            asked(beside, (choice.unit,)),
            asked(now, split),
            asked(beside, split),
            asked(now, tuple(filter(None, [second(item, choice)])) or None),
            asked(now, (choice.unit, choice.split) if choice.split else None),
            asked(now, (WEEKDAY,) if WEEKDAY in item.by else None),
            asked(now, (WEEKDAY, HOUR) if HOUR in item.by else None),
        ),
    )
    return Answers(*totals, *others)


async def labels_of(visit: Visit) -> Labels:
    """The words of the catalogue, of what is retired too, by axis and code."""
    items = (await visit.query.subjects()).items
    return {
        "subject": {item.subject: item.label for item in items},
        "group": {item.group: item.group_label for item in items},
    }


def labels_with(labels: Labels, found: Report | None) -> Labels:
    """The words of the catalogue, and those of the known errors that an answer names."""
    titles = found.known_errors if found else {}
    return {**labels, KNOWN_ERROR: {number: f"{number}, {title}" for number, title in titles.items()}}
