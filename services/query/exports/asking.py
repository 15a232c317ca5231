"""What is asked of an export: the form, a month, and where to resume."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from services.query.exports.forms import FORMS, Form
from services.query.exports.tables import Table
from services.query.parameters import Reader
from shared.clock import PARIS
from shared.journal.extract import Part
from shared.journal.records import START, Position

#: Before and after everything that was ever recorded.
_EVER: Final = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))
_MONTH: Final = re.compile(r"([12]\d{3})-(0[1-9]|1[0-2])")


class Asked(NamedTuple):
    """A form, which part of the table, and the name of the file."""

    form: Form
    part: Part
    filename: str


def read_asked(given: Mapping[str, str], table: Table) -> Asked:
    """Parameters `form month after`.

    Raises:
        Problem: 422 naming every bad value.
    """
    reader = Reader(given)
    form: Form = reader.choice("form", FORMS, "csv")
    month, after = reader.text("month"), reader.text("after")
    since, until = _month(reader, month) if month else _EVER
    if form.whole and not month:
        reader.refuse("month", f"Un fichier {form.label} contient un mois : précisez lequel.")
    if form.whole and after:
        reader.refuse("after", f"Un fichier {form.label} ne se reprend pas : redemandez le mois.")
    part = Part(_position(reader, after) if after else START, since, until, table.type)
    reader.check()
    parts = ["cecoia", table.name, *([month] if month else [])]
    return Asked(form, part, f"{'-'.join(parts)}.{form.ending}")


def _month(reader: Reader, text: str) -> tuple[datetime, datetime]:
    """The first instant of a month, and that of the next one."""
    if not (found := _MONTH.fullmatch(text)):
        reader.refuse("month", "Le mois s’écrit comme 2026-11.")
        return _EVER
    year, month = int(found[1]), int(found[2])
    return _start(year, month), _start(year + month // 12, month % 12 + 1)


def _start(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=PARIS)


def _position(reader: Reader, text: str) -> Position:
    try:
        return Position.decode(text)
    except ValueError:
        reader.refuse("after", "Ce curseur n’est pas la première colonne d’une ligne déjà reçue.")
        return START


def months_between(first: datetime, last: datetime) -> Iterator[str]:
    """The months of Europe/Paris from one instant to another, e.g. `2026-11`."""
    day, end = first.astimezone(PARIS), last.astimezone(PARIS)
    year, month = day.year, day.month
    while (year, month) <= (end.year, end.month):
        yield f"{year}-{month:02}"
        year, month = year + month // 12, month % 12 + 1
