"""Figures for managers: which reports there are, over which days, split by what, as JSON or CSV."""

import csv
import io
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from msgspec.structs import replace

from services.query.parameters import Reader
from services.query.projections import volumes
from services.query.projections.generations import sql
from shared.catalogue import Catalogue
from shared.database import Connection
from shared.events.vocabulary import Kind, Origin, Urgency
from shared.wire.reports import Column, Report, ReportItem

Value = str | int | float | None

_DAYS: Final = 30
_MOST_DAYS: Final = 3660
_URGENCIES: Final = ", ".join(f"'{urgency}'" for urgency in Urgency)
#: A cell that begins so would be a formula in a spreadsheet.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Dimension(NamedTuple):
    """What figures can be split by: its French label, its unit, the expression that gives it, and its order."""

    label: str
    unit: str
    expression: str
    order: str | None = None


DIMENSIONS: Final[dict[str, Dimension]] = {
    "day": Dimension("Jour", "day", "to_char(day, 'YYYY-MM-DD')"),
    "week": Dimension("Semaine", "label", "to_char(day, 'IYYY-\"W\"IW')"),
    "month": Dimension("Mois", "label", "to_char(day, 'YYYY-MM')"),
    "year": Dimension("Année", "label", "to_char(day, 'YYYY')"),
    "subject": Dimension("Objet", "code", "subject"),
    "group": Dimension("Groupe", "code", "nullif(group_code, '')"),
    "urgency": Dimension("Urgence", "code", "urgency", f"array_position(array[{_URGENCIES}], urgency)"),
    "origin": Dimension("Origine", "code", "origin"),
    "kind": Dimension("Nature", "code", "kind"),
}

_FACTS: Final = {"created": "Créés", "taken": "Pris en compte", "resolved": "Résolus", "closed": "Clôturés"}

VOLUMES: Final = ReportItem(
    name="volumes",
    title="Volumes d’incidents",
    about="Chaque incident compte une fois par colonne, le jour où cela lui est arrivé pour la première fois.",
    by=list(DIMENSIONS),
    columns=[Column(name=name, label=label, unit="count") for name, label in _FACTS.items()],
    filters=[],
)
REPORTS: Final[dict[str, ReportItem]] = {VOLUMES.name: VOLUMES}


class Asked(NamedTuple):
    """A period of Europe/Paris days, both included, and what to split by."""

    first: date
    last: date
    by: tuple[str, ...]


def read_asked(given: Mapping[str, str], today: date) -> Asked:
    """Parameters `from to by`; without them, the thirty days up to today, by day.

    Raises:
        Problem: 422 naming every bad value.
    """
    reader = Reader(given)
    last = _day(reader, "to", today)
    first = _day(reader, "from", last - timedelta(days=min(_DAYS - 1, (last - date.min).days)))
    by = tuple(dict.fromkeys(reader.words("by") if "by" in given else ["day"]))
    if unknown := [word for word in by if word not in DIMENSIONS]:
        known = ", ".join(DIMENSIONS)
        reader.refuse("by", f"« {unknown[0][:40]} » n’est pas un axe. Les axes possibles sont : {known}.")
    if first > last:
        reader.refuse("from", "Le début de la période est après sa fin.")
    elif (last - first).days > _MOST_DAYS:
        reader.refuse("from", "La période ne peut pas dépasser dix ans.")
    reader.check()
    return Asked(first, last, by)


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


async def read_volumes(connection: Connection, schema: str, asked: Asked) -> Report:
    """The report `volumes` from the tables of a generation."""
    dimensions = [DIMENSIONS[name] for name in asked.by]
    statement = sql(volumes.__file__, schema).report.replace(
        "{by}", "".join(f"{dimension.expression}, " for dimension in dimensions)
    )
    grouping = f"group by {', '.join(d.expression for d in dimensions)}" if dimensions else ""
    statement = statement.replace("{group}", grouping)
    ordering = f"order by {', '.join(d.order or d.expression for d in dimensions)}" if dimensions else ""
    rows = await connection.fetch(statement.replace("{order}", ordering), asked.first, asked.last)
    columns = [Column(name=name, label=d.label, unit=d.unit) for name, d in zip(asked.by, dimensions, strict=True)]
    columns += VOLUMES.columns
    return Report(
        name=VOLUMES.name,
        title=VOLUMES.title,
        from_=asked.first,
        to=asked.last,
        by=list(asked.by),
        columns=columns,
        rows=[list(row) for row in rows],
    )


def labelled(report: Report, known: Catalogue) -> Report:
    """The same figures with French words in place of codes, for people."""
    words: dict[str, Mapping[str, str]] = {
        "subject": {code: subject.label for code, subject in known.subjects.items()},
        "group": {code: group.label for code, group in known.groups.items()},
        "urgency": {urgency.value: urgency.label for urgency in Urgency},
        "origin": {origin.value: origin.label for origin in Origin},
        "kind": {kind.value: kind.label for kind in Kind},
    }
    maps = [words.get(column.name, {}) for column in report.columns]

    def spoken(cell: Value, known_words: Mapping[str, str]) -> Value:
        return known_words.get(cell, cell) if isinstance(cell, str) else cell

    rows = [[spoken(cell, mapped) for cell, mapped in zip(row, maps, strict=True)] for row in report.rows]
    return replace(report, rows=rows)


def to_csv(report: Report, *, spoken: bool = False) -> bytes:
    """A table that French spreadsheets open as it is: semicolons, UTF-8 with a mark, no cell that is a formula.

    Args:
        report: the figures.
        spoken: French words at the head of the columns in place of their names.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.label if spoken else column.name for column in report.columns])
    writer.writerows([_harmless(cell) for cell in row] for row in report.rows)
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: Value) -> Value:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
