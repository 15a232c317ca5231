"""The history of events for reporting: each event once, in the journal's order, nothing personal."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import msgspec

from services.query.parameters import Reader
from shared.database import Connection, Pool
from shared.events.registry import EVENTS, type_and_schema
from shared.journal.read import read_stretch
from shared.journal.records import START, Position, StoredEvent
from shared.journal.sealing import PREFIX
from shared.wire.feed import Feed, FeedItem

#: More than lists give: programs read all of it.
LIMIT: Final = 100
MOST: Final = 1000
#: Most events that one answer looks at when it wants some types only.
EXAMINED: Final = 20_000

_TYPES: Final = frozenset(type_and_schema(event)[0] for event in EVENTS)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """From where on, which types (None: all), how many (None: to the head)."""

    after: Position = START
    types: tuple[str, ...] | None = None
    limit: int | None = None


def read_asked(given: Mapping[str, str], *, default: int | None) -> Asked:
    """Parameters `after type limit`.

    Args:
        given: the query string.
        default: limit where none is given.

    Raises:
        Problem: 422 naming every bad value.
    """
    reader = Reader(given)
    asked = Asked(after=_after(reader), types=_types(reader), limit=reader.limit(default, MOST))
    reader.check()
    return asked


def _after(reader: Reader) -> Position:
    text = reader.text("after")
    try:
        return Position.decode(text) if text else START
    except ValueError:
        reader.refuse("after", "Ce curseur n’a pas été donné par cette adresse.")
        return START


def _types(reader: Reader) -> tuple[str, ...] | None:
    types = reader.words("type")
    if unknown := [word for word in types if word not in _TYPES]:
        reader.refuse("type", f"Le type d’événement « {unknown[0][:40]} » n’existe pas.")
    return tuple(types) or None


async def read(connection: Connection, asked: Asked) -> Feed:
    """A page; `next` moves past what the types left out, so that nothing is examined twice."""
    found = await read_stretch(connection, asked.after, asked.limit or LIMIT, asked.types, examined=EXAMINED)
    return Feed(items=[_item(stored) for stored in found.events], next=found.end.encode(), more=found.more)


async def lines(pool: Pool, asked: Asked) -> AsyncIterator[bytes]:
    """The same as one JSON line an event, page by page up to the limit or the head; `position` resumes after a line."""
    after, left = asked.after, asked.limit
    while left is None or left > 0:
        size = MOST if left is None else min(MOST, left)
        async with pool.acquire() as connection:
            found = await read_stretch(connection, after, size, asked.types, examined=EXAMINED)
        if found.events:
            yield b"".join(msgspec.json.encode(_item(stored)) + b"\n" for stored in found.events)
        if not found.more:
            return
        after = found.end
        left = None if left is None else left - len(found.events)


def _item(stored: StoredEvent) -> FeedItem:
    return FeedItem(
        id=stored.event_id,
        position=stored.position.encode(),
        stream=stored.stream_id,
        version=stored.version,
        type=stored.type,
        number=stored.number,
        recorded_at=stored.recorded_at,
        data=without_sealed(msgspec.json.decode(stored.data)),
    )


def without_sealed(value: Any) -> Any:
    """The same data with null in place of every sealed text; nothing is opened."""
    if isinstance(value, dict):
        return {name: without_sealed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_sealed(item) for item in value]
    return None if isinstance(value, str) and value.startswith(PREFIX) else value
