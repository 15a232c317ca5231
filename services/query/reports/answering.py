"""Answers to questions about reports: figures, and what each is made of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from services.query.parameters import EARLIEST, LATEST
from services.query.projections import catalogue
from services.query.reports.asking import Asked, AskedDetail
from services.query.reports.axes import CELLS
from services.query.reports.composing import Composer, Statement
from services.query.reports.declared import Declared
from services.query.reports.pages import write_after
from services.query.reports.tables import Value
from shared.catalogue import Catalogue
from shared.clock import paris_date
from shared.database import Connection, Record
from shared.events.vocabulary import Status
from shared.http.problems import FieldError, invalid
from shared.targets.due import hours_of
from shared.wire.reports import Column, Detail, DetailItem, Report, ReportItem
from shared.working_time import BadCalendarError, working_time

_MINUTE: Final = timedelta(minutes=1)
#: Answers are made in memory: none has more rows.
MOST_ROWS: Final = 100_000
_TOO_MANY: Final = "Cela ferait plus de 100\u202f000 lignes. Choisissez moins d’axes, ou moins de jours."


def item(report: Declared) -> ReportItem:
    """A report in the list of those there are."""
    return ReportItem(
        name=report.name,
        title=report.title,
        about=report.about,
        by=list(report.axes),
        columns=[figure.column for figure in report.figures],
        filters=list(CELLS),
    )


async def read(connection: Connection, schema: str, report: Declared, asked: Asked) -> Report:
    """The figures of a report.

    Raises:
        Problem: 422 where they are split into more rows than an answer holds.
    """
    statement = await statement_of(connection, schema, report, asked)
    rows = await connection.fetch(statement.text, *statement.values)
    if len(rows) > MOST_ROWS:
        raise invalid(FieldError("by", _TOO_MANY))
    axes = [Column(name=name, label=report.axes[name].label, unit=report.axes[name].unit) for name in asked.by]
    return Report(
        name=report.name,
        title=report.title,
        from_=asked.first,
        to=asked.last,
        by=list(asked.by),
        as_known_at=asked.at,
        columns=[*axes, *(figure.column for figure in report.figures)],
        rows=[[_told(value) for value in row] for row in rows],
    )


async def statement_of(connection: Connection, schema: str, report: Declared, asked: Asked) -> Statement:
    """What the figures of a report are asked of the database with."""
    return (await _composer(connection, schema, report, asked)).figures()


async def read_detail(
    connection: Connection, schema: str, report: Declared, asked: Asked, detail: AskedDetail
) -> Detail:
    """A page of what one figure is made of."""
    composer = await _composer(connection, schema, report, asked)
    statement = composer.detail(detail)
    rows = await connection.fetch(statement.text, *statement.values)
    column = detail.figure.column
    return Detail(
        column=column.name,
        label=column.label,
        items=[_item(row) for row in rows[: detail.limit]],
        total=rows[0]["total"] if rows else 0,
        next=write_after(rows[detail.limit - 1]) if len(rows) > detail.limit else None,
    )


def _told(value: Any) -> Value:
    told: Value = value.isoformat() if isinstance(value, date) else value
    return told


def _item(row: Record) -> DetailItem:
    return DetailItem(
        number=row["number"],
        version=row["version"],
        type=row["type"],
        at=row["recorded_at"],
        minutes=row["minutes"],
        group=row["group_code"],
        subject=row["subject"],
        urgency=row["urgency"],
        url=f"/incidents/{row['number']}",
    )


async def _composer(connection: Connection, schema: str, report: Declared, asked: Asked) -> Composer:
    """What puts the statements together, with all that they need to be given."""
    given = {
        "first": max(asked.first, EARLIEST.date()),
        "last": min(asked.last, LATEST.date()),
        "now": asked.until,
        "known_at": asked.at or LATEST,
        "open_days": [],
        "waiting": [],
        "minutes": [],
        "most": MOST_ROWS + 1,
    }
    known = await catalogue.read(connection, schema)
    if report.open_days:
        given["open_days"] = list(_open_days(known, asked))
    if report.source == "known_errors":
        statement = Composer(schema, report, asked, given).waiting()
        given |= await _waiting(connection, statement, known)
    return Composer(schema, report, asked, given)


def _open_days(known: Catalogue, asked: Asked) -> Iterator[date]:
    """The days of the period, none after the last that can be counted, on which the first calendar has hours."""
    first, last = max(asked.first, EARLIEST.date()), min(asked.last, paris_date(asked.until))
    try:
        hours = [working_time(calendar) for calendar in list(known.calendars.values())[:1]]
    except BadCalendarError:
        return
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        if any(one.is_open(day) for one in hours):
            yield day


async def _waiting(connection: Connection, statement: Statement, known: Catalogue) -> dict[str, Any]:
    """The working time that unresolved incidents have taken so far, in minutes; its calendars are those of now."""
    rows = await connection.fetch(statement.text, *statement.values)
    return {"waiting": [row["stream_id"] for row in rows], "minutes": [_so_far(row, known) for row in rows]}


def _so_far(row: Record, known: Catalogue) -> int | None:
    hours = hours_of(row["group_code"], row["subject"], known)
    if row["worked"] is None or hours is None:
        return None
    worked: timedelta = row["worked"]
    if row["status"] != Status.ON_HOLD:
        worked += hours.between(row["since"], row["until"])
    return worked // _MINUTE
