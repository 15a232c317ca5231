"""The tables that can be taken away, and how their rows come from the journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from services.query.exports import events, incidents
from services.query.exports.columns import Column, columns_of
from services.query.exports.rows import EventRow, IncidentRow
from shared.database import Connection, Pool
from shared.events.incident import IncidentCreated
from shared.events.registry import type_and_schema
from shared.journal import extract
from shared.journal.extract import Part, Span
from shared.journal.records import StoredEvent
from shared.journal.sealing import Vault

Rows = Sequence[msgspec.Struct]


class Table(NamedTuple):
    """A table that can be taken away.

    Attributes:
        about: what a row is, in French.
        row: the struct of its rows.
        type: name of the event that makes a row, without version; None where each event makes one.
        size: events that are read at once.
        read: the rows of a page of events.
    """

    name: str
    title: str
    about: str
    row: type[msgspec.Struct]
    type: str | None
    size: int
    read: Callable[[Connection, Vault, Sequence[StoredEvent]], Awaitable[Rows]]

    @property
    def columns(self) -> tuple[Column, ...]:
        """In their order; the first one is the cursor."""
        return columns_of(self.row)

    def pages(self, pool: Pool, vault: Vault, part: Part, found: Span) -> AsyncIterator[Rows]:
        """The rows of a part, page by page."""

        async def read(connection: Connection, page: list[StoredEvent]) -> Rows:
            return await self.read(connection, vault, page)

        return extract.pages(pool, part, found, self.size, read)


INCIDENTS: Final = Table(
    name="incidents",
    title="Incidents",
    about="Une ligne par incident, dans l’ordre des créations : où il en est, ce qui lui est arrivé et en combien de "
    "temps. Le mois est celui de la création.",
    row=IncidentRow,
    type=type_and_schema(IncidentCreated)[0],
    size=200,
    read=incidents.rows,
)
EVENTS: Final = Table(
    name="events",
    title="Événements",
    about="Une ligne par événement, dans l’ordre du journal, catalogue et publications compris. Le mois est celui de "
    "l’enregistrement.",
    row=EventRow,
    type=None,
    size=1000,
    read=events.rows,
)
TABLES: Final[dict[str, Table]] = {table.name: table for table in (INCIDENTS, EVENTS)}


def plain(row: msgspec.Struct) -> tuple[Any, ...]:
    """The cells of a row, in the order of the columns."""
    return msgspec.structs.astuple(row)
