"""What stands around an incident: the others of its requester, and those that were about the same and are resolved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from services.query.incidents.fold import State, excerpt
from services.query.projections.generations import sql
from shared.database import Connection, Record
from shared.events.base import ERASED
from shared.events.incident import IncidentCreated, IncidentResolved
from shared.events.vocabulary import Status
from shared.journal.read import read_stream
from shared.journal.records import Recorded
from shared.journal.sealing import Vault
from shared.life import RUNNING
from shared.wire.agents import Neighbour, Neighbours, Similar

#: How many incidents are looked at, and how many are shown of them.
LOOKED: Final = 200
_OTHERS: Final = 5
_SIMILAR: Final = 3
#: Characters of a description that are compared.
_COMPARED: Final = 2_000


async def others(connection: Connection, schema: str, person: UUID, number: str = "") -> Neighbours:
    """What else somebody has, those that still run first.

    Args:
        connection: of the read side.
        schema: of the tracking view.
        person: whose, as requester or beneficiary.
        number: of the incident that is left out.
    """
    statement = sql(__file__, schema).neighbours
    rows = await connection.fetch(statement, person, number, sorted(RUNNING), LOOKED, _OTHERS)
    total = rows[0]["known"] if rows else 0
    return Neighbours(items=[_neighbour(row) for row in rows], total=total, at_least=total >= LOOKED)


def description(events: Sequence[Recorded]) -> str:
    """What the requester wrote first, as far as it is compared; empty once they are erased."""
    created = events[0].event
    text = created.description if isinstance(created, IncidentCreated) else ""
    return "" if text == ERASED else text[:_COMPARED].replace("\0", " ")


async def similar(connection: Connection, schema: str, vault: Vault, state: State, text: str) -> list[Similar]:
    """Resolved incidents on the same subject whose texts share words with a text, with what resolved them.

    Args:
        connection: of the read side.
        schema: of the tracking view.
        vault: opens what resolved them.
        state: the incident that they resemble.
        text: its description.
    """
    statement = sql(__file__, schema).similar
    rows = await connection.fetch(statement, state.subject, state.number, text, LOOKED, _SIMILAR)
    found = [(row, await _solution(connection, vault, row["stream_id"])) for row in rows]
    return [
        Similar(incident=_neighbour(row), solution=excerpt(solution), words=row["words"])
        for row, solution in found
        if solution
    ]


async def _solution(connection: Connection, vault: Vault, stream_id: UUID) -> str:
    """What resolved an incident last; empty where it was closed without."""
    events = await vault.unseal(await read_stream(connection, stream_id), connection)
    texts = [recorded.event.text for recorded in events if isinstance(recorded.event, IncidentResolved)]
    return texts[-1] if texts else ""


def _neighbour(row: Record) -> Neighbour:
    status = msgspec.convert(row["status"], Status)
    return Neighbour(
        number=row["number"],
        subject=row["subject"],
        subject_label=row["subject_label"],
        status=status,
        status_label=status.label,
        excerpt=row["excerpt"],
        recorded_at=row["recorded_at"],
        updated_at=row["updated_at"],
        responsible=row["responsible_name"],
    )
