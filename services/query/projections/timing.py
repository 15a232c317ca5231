"""Due times beside the rows of incidents: reckoned when an event moves a clock, again when the catalogue changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from services.query.incidents.fold import State
from services.query.projections.generations import sql
from shared.catalogue import Catalogue
from shared.database import Connection, Record
from shared.events.base import Event
from shared.events.vocabulary import Urgency
from shared.targets.clocks import Clocks
from shared.targets.due import MOVERS, Case, dues, hours_of, next_due
from shared.wire.incidents import IncidentItem

_MINUTE: Final = timedelta(minutes=1)
_decode = msgspec.json.Decoder(Clocks).decode


def timed(state: State, before: State | None, known: Catalogue) -> State:
    """An incident with its due times; they stay as they are where nothing happened to what they depend on."""
    if before is not None and state.case == before.case:
        return state
    return msgspec.structs.replace(state, **due_times(state.case, known))


async def retime(connection: Connection, schema: str, events: Iterable[Event], known: Catalogue) -> None:
    """Reckon the due times of all open incidents again, if one of these events says that they may have moved.

    Args:
        connection: of the projector, its rows written.
        schema: of the generation.
        events: of the page.
        known: the catalogue after them.
    """
    if not any(isinstance(event, MOVERS) for event in events):
        return
    statements = sql(__file__, schema)
    rows = await connection.fetch(statements.read_open)
    found = [due_times(_case(row), known) for row in rows]
    lists = ([columns[name] for columns in found] for name in ("take_due_at", "resolve_due_at", "due_at"))
    await connection.execute(statements.write_dues, [row["stream_id"] for row in rows], *lists)


def with_time_left(items: Iterable[IncidentItem], known: Catalogue, now: datetime) -> list[IncidentItem]:
    """Rows with the working time that is left to them."""
    return [msgspec.structs.replace(item, minutes_left=_minutes_left(item, known, now)) for item in items]


def _minutes_left(item: IncidentItem, known: Catalogue, now: datetime) -> int | None:
    hours = hours_of(item.group, item.subject, known)
    if item.due_at is None or hours is None:
        return None
    return hours.between(now, item.due_at) // _MINUTE - hours.between(item.due_at, now) // _MINUTE


def _case(row: Record) -> Case:
    return Case(row["subject"], msgspec.convert(row["urgency"], Urgency), _decode(row["clocks"]))


def due_times(case: Case, known: Catalogue) -> dict[str, datetime | None]:
    """The due times of an incident by the names that they have in rows and answers."""
    found = dues(case, known)
    return {"take_due_at": found.take, "resolve_due_at": found.resolve, "due_at": next_due(case.clocks, found)}
