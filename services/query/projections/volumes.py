"""The report `volumes`: how many incidents were created, taken, resolved and closed.

Each incident counts once in each column, on the Europe/Paris day on which that first happened, under what it was then:
a second taking after a release, resolution after a refusal or closing after a reopening is not counted. A creation
counts under the group that the incident was first routed to; until then, under the one that the catalogue names for its
subject.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from msgspec.structs import replace

from services.query.projections import catalogue
from services.query.projections.catalogue import columns
from services.query.projections.generations import Projection, Touched, sql
from shared.catalogue import Catalogue
from shared.clock import paris_date
from shared.database import Connection
from shared.events import incident, knowledge, notification, person, webhook
from shared.events.base import Event
from shared.events.catalogue import CatalogueChanged
from shared.events.vocabulary import Kind, Origin, Urgency
from shared.journal.records import Recorded

FACTS: Final = ("created", "taken", "resolved", "closed")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What an incident is counted under now, and which of its firsts were counted; a column each."""

    stream_id: UUID
    version: int
    day: date
    subject: str
    group_code: str
    urgency: Urgency
    origin: Origin
    kind: Kind
    created_urgency: Urgency
    created_subject: str
    created_group: str
    created_kind: Kind
    routed: bool = False
    taken: bool = False
    resolved: bool = False
    closed: bool = False


class Cell(NamedTuple):
    """The key of a row of counts."""

    day: date
    subject: str
    group_code: str
    urgency: str
    origin: str
    kind: str


Counts = Counter[tuple[Cell, str]]


async def apply(connection: Connection, schema: str, page: Sequence[Recorded]) -> list[Touched]:
    """Take in one page: read the rows that it concerns once, count in memory, write the differences."""
    statements = sql(__file__, schema)
    known = await catalogue.read(connection, schema)
    ids = list({recorded.stream_id for recorded in page})
    found = await connection.fetch(statements.read_rows, ids)
    rows = {row["stream_id"]: msgspec.convert(dict(row), Row) for row in found}
    before = dict(rows)
    counts = fold(rows, page, known)
    changed = [row for row in rows.values() if before.get(row.stream_id) is not row]
    await catalogue.apply(connection, schema, page, known)
    await connection.execute(statements.write_rows, *columns(changed, Row))
    cells = sorted({cell for (cell, _), count in counts.items() if count})
    facts = [[counts[cell, fact] for cell in cells] for fact in FACTS]
    await connection.execute(statements.add, *([cell[n] for cell in cells] for n in range(len(Cell._fields))), *facts)
    await connection.execute(statements.sweep, [cell.day for cell in cells], [cell.subject for cell in cells])
    return []


def fold(rows: dict[UUID, Row], page: Sequence[Recorded], known: Catalogue) -> Counts:
    """Take a page into the rows and say what it adds to the counts.

    Args:
        rows: of the incidents that the page speaks of; changed in place.
        page: events in order.
        known: the catalogue before the page.
    """
    counts = Counts()
    for recorded in page:
        known = known.evolve(recorded.event)
        row = rows.get(recorded.stream_id)
        if isinstance(recorded.event, incident.IncidentCreated):
            if row is None:
                row = rows[recorded.stream_id] = _created(recorded.event, recorded, known)
                counts[_creation(row), "created"] += 1
        elif (change := _CHANGES.get(type(recorded.event))) and row and recorded.version > row.version:
            changed = change(row, recorded, known, counts)
            rows[recorded.stream_id] = replace(changed, version=recorded.version)
    return counts


def _created(event: incident.IncidentCreated, recorded: Recorded, known: Catalogue) -> Row:
    kind, group = known.kind_of(event.subject), known.group_of(event.subject) or ""
    return Row(
        stream_id=recorded.stream_id,
        version=recorded.version,
        day=paris_date(recorded.recorded_at),
        subject=event.subject,
        group_code=group,
        urgency=event.urgency,
        origin=event.origin,
        kind=kind,
        created_urgency=event.urgency,
        created_subject=event.subject,
        created_group=group,
        created_kind=kind,
    )


def _creation(row: Row) -> Cell:
    """Where the creation counts."""
    return Cell(row.day, row.created_subject, row.created_group, row.created_urgency, row.origin, row.created_kind)


def _first(fact: str, row: Row, recorded: Recorded, counts: Counts) -> Row:
    if getattr(row, fact):
        return row
    day = paris_date(recorded.recorded_at)
    counts[Cell(day, row.subject, row.group_code, row.urgency, row.origin, row.kind), fact] += 1
    return replace(row, **{fact: True})


def _updated(row: Row, recorded: Recorded, known: Catalogue, _: Counts) -> Row:
    event: Any = recorded.event
    row = replace(row, urgency=event.urgency or row.urgency)
    return replace(row, subject=event.subject, kind=known.kind_of(event.subject)) if event.subject else row


def _routed(row: Row, recorded: Recorded, _: Catalogue, counts: Counts) -> Row:
    group = recorded.event.group  # type: ignore[attr-defined]
    if row.routed:
        return replace(row, group_code=group)
    counts[_creation(row), "created"] -= 1
    row = replace(row, group_code=group, created_group=group, routed=True)
    counts[_creation(row), "created"] += 1
    return row


def _taken(row: Row, recorded: Recorded, _: Catalogue, counts: Counts) -> Row:
    group = recorded.event.group  # type: ignore[attr-defined]
    return _first("taken", replace(row, group_code=group), recorded, counts)


def _released(row: Row, recorded: Recorded, _: Catalogue, __: Counts) -> Row:
    group = recorded.event.group  # type: ignore[attr-defined]
    return replace(row, group_code=group)


def _transferred(row: Row, recorded: Recorded, known: Catalogue, _: Counts) -> Row:
    event: Any = recorded.event
    row = replace(row, group_code=event.group)
    return replace(row, subject=event.subject, kind=known.kind_of(event.subject)) if event.subject else row


def _resolved(row: Row, recorded: Recorded, _: Catalogue, counts: Counts) -> Row:
    return _first("resolved", row, recorded, counts)


def _closed(row: Row, recorded: Recorded, _: Catalogue, counts: Counts) -> Row:
    return _first("closed", row, recorded, counts)


_CHANGES: Final[dict[type[Event], Callable[[Row, Recorded, Catalogue, Counts], Row]]] = {
    incident.IncidentUpdated: _updated,
    incident.IncidentRouted: _routed,
    incident.IncidentTaken: _taken,
    incident.IncidentReleased: _released,
    incident.IncidentTransferred: _transferred,
    incident.IncidentResolved: _resolved,
    incident.IncidentClosed: _closed,
}

VOLUMES: Final = Projection(
    name="volumes",
    version=1,
    sources=(catalogue.__file__, __file__),
    tables=("calendars", "groups", "subjects", "canned_texts", "counts", "incidents"),
    handles=frozenset({incident.IncidentCreated, *_CHANGES, *catalogue.HANDLED}),
    ignores=frozenset(
        {
            incident.DocumentAttached,
            incident.ReplySent,
            incident.NoteAdded,
            incident.IncidentPutOnHold,
            incident.IncidentResumed,
            incident.KnownErrorLinked,
            incident.IncidentCancelled,
            incident.ResolutionRefused,
            incident.IncidentReopened,
            incident.IncidentEscalated,
            incident.SatisfactionRated,
            incident.MailReceived,
            incident.IncidentsMerged,
            incident.DuplicatesAdded,
            notification.ConfirmationSent,
            notification.NotificationSent,
            notification.NotificationFailed,
            notification.NotificationBounced,
            CatalogueChanged,
            person.PersonErased,
            *webhook.ALL,
            *knowledge.ALL,
        }
    ),
    apply=apply,
    personal=False,
)
