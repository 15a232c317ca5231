"""The catalogue in each generation's own schema: labels for what is joined there, definitions to fold it again from."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from services.query.projections.generations import sql
from shared.catalogue import Catalogue
from shared.database import Connection
from shared.events.base import Event
from shared.events.catalogue import (
    CalendarDefined,
    CannedTextDefined,
    CannedTextRetired,
    GroupDefined,
    SubjectDefined,
    SubjectRetired,
)
from shared.events.registry import decode, encode
from shared.journal.records import Recorded
from shared.wire.subjects import SubjectItem

HANDLED: Final[frozenset[type[Event]]] = frozenset(
    {CalendarDefined, GroupDefined, SubjectDefined, SubjectRetired, CannedTextDefined, CannedTextRetired}
)


async def read(connection: Connection, schema: str) -> Catalogue:
    """The catalogue of a generation."""
    statements = sql(__file__, schema)
    calendars, groups = await connection.fetch(statements.calendars), await connection.fetch(statements.groups)
    subjects, canned = await connection.fetch(statements.subjects), await connection.fetch(statements.canned_texts)
    defined = [decode(row["definition"]) for row in (*calendars, *groups, *subjects, *canned)]
    retired = [SubjectRetired(subject=row["subject"]) for row in subjects if row["retired"]]
    return Catalogue.of([*defined, *retired])


async def apply(connection: Connection, schema: str, page: Sequence[Recorded], known: Catalogue) -> None:
    """Write what a page of events makes of the catalogue; `known` is the one before it."""
    events = [recorded.event for recorded in page if type(recorded.event) in HANDLED]
    if not events:
        return
    for event in events:
        known = known.evolve(event)
    statements = sql(__file__, schema)
    await connection.execute(statements.write_calendars, list(known.calendars), _texts(known.calendars.values()))
    await connection.execute(statements.write_groups, list(known.groups), _texts(known.groups.values()))
    retired = [subject in known.retired for subject in known.subjects]
    await connection.execute(statements.write_subjects, list(known.subjects), retired, _texts(known.subjects.values()))
    await connection.execute(statements.drop_canned_texts, list(known.canned))
    await connection.execute(statements.write_canned_texts, list(known.canned), _texts(known.canned.values()))


def _texts(definitions: Iterable[Event]) -> list[str]:
    return [encode(definition).decode() for definition in definitions]


def items(known: Catalogue) -> list[SubjectItem]:
    """The subjects in the order of the catalogue, the retired ones too."""
    return [
        SubjectItem(
            subject=code,
            label=subject.label,
            kind=subject.kind,
            kind_label=subject.kind.label,
            group=subject.group,
            group_label=known.group_label(subject.group),
            retired=code in known.retired,
        )
        for code, subject in known.subjects.items()
    ]


def columns(rows: Sequence[msgspec.Struct], shape: type[msgspec.Struct]) -> list[list[Any]]:
    """One list a field, for `unnest`."""
    return [[getattr(row, name) for row in rows] for name in shape.__struct_fields__]
