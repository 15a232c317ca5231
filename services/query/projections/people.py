"""The people whom agents may find by a few letters of their name or address; who was erased is found no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from services.query.projections.generations import sql
from shared.database import Connection
from shared.events.base import ERASED, Person
from shared.events.incident import IncidentCreated
from shared.journal.records import Recorded


async def apply(connection: Connection, schema: str, page: Sequence[Recorded], erased: Sequence[UUID]) -> None:
    """Write whom a page of events names, then forget those whom it erases."""
    statements = sql(__file__, schema)
    named = {person.id: person for recorded in page for person in _named(recorded)}
    if named:
        names, addresses = zip(*((one.name, one.email) for one in named.values()), strict=True)
        await connection.execute(statements.write_people, list(named), names, addresses)
    if erased:
        await connection.execute(statements.erase_people, erased)


def _named(recorded: Recorded) -> Iterator[Person]:
    """Who can be written to; programs and erased people cannot."""
    event = recorded.event
    if isinstance(event, IncidentCreated):
        for person in (event.requester, event.beneficiary):
            if person and person.email and ERASED not in {person.name, person.email}:
                yield person
