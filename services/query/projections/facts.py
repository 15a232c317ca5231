"""The projection `facts`, made for analysis: what counts, on which day and under what; what was open from when to when.

A star: the tables `facts` and `spells` hold numbers and refer to `cells` and `days`, which hold the words that figures
are split by. What is counted of each event, and how, stands in `services.query.reports.counting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from services.query.projections import catalogue
from services.query.projections.catalogue import columns
from services.query.projections.generations import Projection, Touched, sql
from services.query.reports.cells import Cell
from services.query.reports.counting import COUNTERS, REPLACING, Fact, Turn, count
from services.query.reports.life import Life, begin, move
from shared.catalogue import Catalogue
from shared.clock import paris_date
from shared.database import Connection
from shared.events import incident, knowledge, notification, person, webhook
from shared.events.base import Event
from shared.events.catalogue import CatalogueChanged
from shared.events.vocabulary import Status
from shared.journal.records import Recorded
from shared.life import OPEN
from shared.targets.due import worked

#: Events that move an incident, or say something of it, without being counted themselves.
_MOVERS: Final[frozenset[type[Event]]] = frozenset(
    {
        incident.IncidentUpdated,
        incident.IncidentReleased,
        incident.IncidentPutOnHold,
        incident.IncidentResumed,
        incident.IncidentCancelled,
        incident.IncidentsMerged,
        incident.ReplySent,
    }
)
#: What mails tell of besides: their delay is reckoned from it.
_TOLD: Final[frozenset[type[Event]]] = frozenset({incident.DocumentAttached, incident.DuplicatesAdded})
_MAILS: Final = (notification.ConfirmationSent, notification.NotificationSent)
_OF_INCIDENTS: Final = frozenset(COUNTERS) | _MOVERS | _TOLD
#: Events that a mail may tell of.
_CAUSES: Final = _OF_INCIDENTS - {event for event in COUNTERS if event.__module__ == notification.__name__}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `facts`.

    Attributes:
        nth: how many of that name the incident has with this one.
        known: since when it holds; `version` is that of the event that it is shown by.
        day, at, cell: what it counts under.
        person: who asked.
    """

    stream_id: UUID
    person: UUID
    at: datetime
    known: datetime
    cell: int
    nth: int
    version: int
    day: date
    worked: int | None
    elapsed: int | None
    late: int | None
    fact: str
    detail: str | None


class Spell(msgspec.Struct, frozen=True, kw_only=True):
    """A time for which an incident was open, in one status and cell; `worked` is what had been worked on it before."""

    stream_id: UUID
    version: int
    since: datetime
    created: datetime
    cell: int
    worked: timedelta | None
    status: Status


class Found(msgspec.Struct, kw_only=True):
    """What a page adds to the tables; `ends` says until when spells lasted."""

    lives: dict[UUID, Life]
    cells: set[Cell] = msgspec.field(default_factory=set)
    facts: list[Row] = msgspec.field(default_factory=list)
    spells: list[Spell] = msgspec.field(default_factory=list)
    ends: dict[tuple[UUID, int], datetime] = msgspec.field(default_factory=dict)


async def apply(connection: Connection, schema: str, page: Sequence[Recorded]) -> list[Touched]:
    """Take in one page: read what it concerns once, count in memory, write once."""
    statements = sql(__file__, schema)
    known = await catalogue.read(connection, schema)
    ids = list({recorded.stream_id for recorded in page})
    lives = {row["stream_id"]: _decode(row["life"]) for row in await connection.fetch(statements.read_lives, ids)}
    mails = [one.event.cause for one in page if isinstance(one.event, _MAILS)]
    causes = {row["event_id"]: row["at"] for row in await connection.fetch(statements.read_causes, mails)}
    new = {one.event_id: one.recorded_at for one in page if type(one.event) in _CAUSES}
    before = dict(lives)
    found = fold(lives, page, known, causes | new)
    await catalogue.apply(connection, schema, page, known)
    await connection.execute(statements.write_causes, list(new), list(new.values()))
    await _write(connection, schema, found, before)
    return []


def fold(lives: dict[UUID, Life], page: Iterable[Recorded], known: Catalogue, causes: Mapping[UUID, datetime]) -> Found:
    """Count a page.

    Args:
        lives: of the incidents that the page speaks of; changed in place.
        page: events in order.
        known: the catalogue before the page.
        causes: when the events happened that mails of the page tell of.
    """
    found = Found(lives=lives)
    for recorded in page:
        known = known.evolve(recorded.event)
        before = lives.get(recorded.stream_id)
        if (moved := _moved(before, recorded, known)) is None:
            continue
        counted, facts = count(Turn(moved, recorded.event, known, causes))
        after = _numbered(counted, facts, found)
        lives[recorded.stream_id] = _spelled(before, after, known, found)
    return found


def _moved(before: Life | None, recorded: Recorded, known: Catalogue) -> Life | None:
    """The incident after an event; None where it is none of an incident, or one that was counted already."""
    if isinstance(recorded.event, incident.IncidentCreated):
        return None if before else begin(recorded.event, recorded, known)
    if before is None or recorded.version <= before.version or type(recorded.event) not in _OF_INCIDENTS:
        return None
    return move(before, recorded, known)


def _numbered(life: Life, facts: Iterable[Fact], found: Found) -> Life:
    """Add facts to what was found, each with its number; the incident remembers how many there are."""
    counts = dict(life.counts)
    for fact in facts:
        counts[fact.fact] = counts.get(fact.fact, 0) + 1
        found.cells.add(fact.counted.cell)
        found.facts.append(_row(life, fact, counts[fact.fact]))
    return replace(life, counts=counts)


def _row(life: Life, fact: Fact, nth: int) -> Row:
    return Row(
        stream_id=life.stream_id,
        person=life.requester,
        at=fact.counted.at,
        known=life.at,
        cell=fact.counted.cell.number,
        nth=nth,
        version=fact.version or life.version,
        day=paris_date(fact.counted.at),
        worked=fact.worked,
        elapsed=fact.elapsed,
        late=fact.late,
        fact=fact.fact,
        detail=fact.detail,
    )


def _spelled(before: Life | None, after: Life, known: Catalogue, found: Found) -> Life:
    """End the spell that an incident was in and begin the one that it is in now, where it is another."""
    if before and (before.status, before.cell) == (after.status, after.cell):
        return after
    if after.spell is not None:
        found.ends[after.stream_id, after.spell] = after.at
    if after.status not in OPEN:
        return replace(after, spell=None)
    found.cells.add(after.cell)
    found.spells.append(
        Spell(
            stream_id=after.stream_id,
            version=after.version,
            since=after.at,
            created=after.created.at,
            cell=after.cell.number,
            worked=worked(after.case, known, after.at),
            status=after.status,
        )
    )
    return replace(after, spell=after.version)


async def _write(connection: Connection, schema: str, found: Found, before: Mapping[UUID, Life]) -> None:
    statements = sql(__file__, schema)
    cells = sorted(found.cells)
    await connection.execute(statements.write_cells, [cell.number for cell in cells], *_transposed(cells, Cell))
    await connection.execute(statements.write_facts, *columns(found.facts, Row))
    replacing = [row for row in found.facts if row.fact in REPLACING and row.nth > 1]
    for row in replacing:
        await connection.execute(statements.replace_fact, row.fact, row.stream_id, row.nth, row.known)
    new = {(spell.stream_id, spell.version) for spell in found.spells}
    ends = [found.ends.get((spell.stream_id, spell.version)) for spell in found.spells]
    await connection.execute(statements.write_spells, *columns(found.spells, Spell), ends)
    old = [(*key, until) for key, until in found.ends.items() if key not in new]
    await connection.execute(statements.end_spells, *([row[n] for row in old] for n in range(3)))
    changed = [life for life in found.lives.values() if before.get(life.stream_id) is not life]
    encoded = [msgspec.json.encode(life).decode() for life in changed]
    await connection.execute(statements.write_lives, [life.stream_id for life in changed], encoded)


def _transposed(cells: Sequence[Cell], shape: type[Cell]) -> Iterator[list[Any]]:
    return ([cell[n] for cell in cells] for n in range(len(shape._fields)))


_decode = msgspec.json.Decoder(Life).decode

FACTS: Final = Projection(
    name="facts",
    version=1,
    sources=(catalogue.__file__, __file__),
    tables=("calendars", "groups", "subjects", "canned_texts", "cells", "facts", "spells", "causes", "lives"),
    handles=frozenset({*_OF_INCIDENTS, *catalogue.HANDLED}),
    ignores=frozenset(
        {
            incident.NoteAdded,
            incident.IncidentEscalated,
            incident.MailReceived,
            CatalogueChanged,
            person.PersonErased,
            *webhook.ALL,
            *knowledge.ALL,
        }
    ),
    apply=apply,
    personal=False,
)
