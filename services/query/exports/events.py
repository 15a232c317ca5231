"""The table `events`: each event once, without personal texts, people under their pseudonyms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from services.query.exports.rows import EventRow
from shared.database import Connection
from shared.events import registry
from shared.events.base import Event
from shared.journal.personal import places
from shared.journal.records import StoredEvent
from shared.journal.sealing import Vault

#: Who did what an event tells, under the names that events have for it.
_DOERS: Final = ("by", "recorded_by")
#: Fields that name a person by their id alone.
NAMED: Final = ("responsible", "person")


async def rows(connection: Connection, vault: Vault, page: Sequence[StoredEvent]) -> list[EventRow]:
    """The rows of a page of events."""
    events = [registry.decode(stored.data, upcasts={}) for stored in page]
    pseudonyms = await vault.pseudonyms({person for event in events for person in _people(event)}, connection)
    return [_row(stored, event, pseudonyms) for stored, event in zip(page, events, strict=True)]


def _people(event: Event) -> Iterator[UUID]:
    for name in places(type(event)).persons:
        if (person := getattr(event, name)) is not None:
            yield person.id
    yield from filter(None, (getattr(event, name, None) for name in NAMED))


def _row(stored: StoredEvent, event: Event, pseudonyms: Mapping[UUID, str]) -> EventRow:
    data: dict[str, Any] = msgspec.to_builtins(event)
    where = places(type(event))
    data |= dict.fromkeys(where.texts)
    for name in where.persons:
        if (person := getattr(event, name)) is not None:
            data[name] = pseudonyms.get(person.id)
    for name in NAMED:
        if person := getattr(event, name, None):
            data[name] = pseudonyms.get(person)
    return EventRow(
        position=stored.position.encode(),
        event=str(stored.event_id),
        stream=str(stored.stream_id),
        version=stored.version,
        type=stored.type,
        schema=stored.schema,
        number=stored.number,
        recorded_at=stored.recorded_at,
        actor=next((data[name] for name in _DOERS if name in data), None),
        data=msgspec.json.encode(data).decode(),
    )
