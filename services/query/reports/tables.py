"""Reports as tables for people: French words in place of codes, and CSV."""

from collections.abc import Mapping

from msgspec.structs import replace

from services.query import sheets
from services.query.reports.axes import KNOWN_ERROR
from shared.catalogue import Catalogue
from shared.events.vocabulary import Kind, Message, Origin, Urgency
from shared.wire.reports import Report

Value = str | int | float | None


def labelled(report: Report, known: Catalogue) -> Report:
    """The same figures with French words in place of codes, for people; a known error keeps its number."""
    words: dict[str, Mapping[str, str]] = {
        "subject": {code: subject.label for code, subject in known.subjects.items()},
        "group": {code: group.label for code, group in known.groups.items()},
        "urgency": {urgency.value: urgency.label for urgency in Urgency},
        "origin": {origin.value: origin.label for origin in Origin},
        "kind": {kind.value: kind.label for kind in Kind},
        "message": {message.value: message.label for message in Message},
        KNOWN_ERROR: {number: f"{number}, {title}" for number, title in report.known_errors.items()},
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
        spoken: French words at the head of the columns in place of their names, and decimal commas.
    """
    heads = [column.label if spoken else column.name for column in report.columns]
    rows = ([_written(cell, spoken=spoken) for cell in row] for row in report.rows)
    return sheets.lines([heads, *rows]).encode(sheets.FIRST)


def _written(cell: Value, *, spoken: bool) -> Value:
    if isinstance(cell, float) and spoken:
        return sheets.decimal(cell)
    return sheets.harmless(cell) if isinstance(cell, str) else cell
