"""A page of the history as programs read it: each event once, in the journal's order, personal texts left out."""

import re
from typing import Final, NamedTuple

import msgspec

from services.query.feed.asking import MOST, Asked
from shared.database import Connection, Pool
from shared.events import registry
from shared.events.base import ERASED, Event
from shared.events.webhook import WebhookRegistered
from shared.journal.read import Stretch, read_stretch
from shared.journal.records import Position, StoredEvent
from shared.journal.sealing import PREFIX, Vault
from shared.wire import Answer
from shared.wire.feed import FeedHead

#: Most events that one answer looks at when only some are wanted: what takes some hundredths of a second.
EXAMINED: Final = 100_000

#: A whole JSON string that is sealed or erased: a quote behind one of `:,[` cannot stand within another string, where
#: it would be escaped.
_HIDDEN: Final = re.compile(rf'(?<=[:,\[])"(?:{re.escape(PREFIX)}[^"\\]*|{re.escape(ERASED)})"(?=[,}}\]])')
#: What many programs take for the end of a line, though JSON lets it stand in a string.
_BREAKS: Final = re.compile("[\x85\u2028\u2029]")


class Line(FeedHead, frozen=True, kw_only=True):
    """An item of the feed on its way out: `data` is the JSON text."""

    data: msgspec.Raw


class Page(Answer, frozen=True, kw_only=True):
    """What `shared.wire.feed.Feed` is for its readers."""

    items: list[Line]
    next: str
    more: bool


class History(NamedTuple):
    """Where it is read from, and what opens personal texts."""

    pool: Pool
    vault: Vault

    async def read(self, asked: Asked) -> Page:
        """A page; `next` moves past what was left out, so that nothing is examined twice."""
        async with self.pool.acquire() as connection:
            limit = MOST if asked.limit is None else min(MOST, asked.limit)
            found = await read_stretch(connection, asked.after, limit, asked.wanted, examined=EXAMINED)
            texts = await self._texts(connection, found, personal=asked.personal)
        items = [_line(stored, text) for stored, text in zip(found.events, texts, strict=True)]
        return Page(items=items, next=found.end.encode(), more=found.more)

    async def _texts(self, connection: Connection, found: Stretch, *, personal: bool) -> list[str]:
        """The JSON text of each event; that of a webhook stays sealed, for with its secret others could speak as us."""
        if not personal:
            return [stored.data for stored in found.events]
        opened = await self.vault.open(found.events, connection)
        return [_opened(stored, event) for stored, event in zip(found.events, opened, strict=True)]


def past(asked: Asked, page: Page) -> Asked:
    """What is still to be read behind a page."""
    left = None if asked.limit is None else asked.limit - len(page.items)
    return msgspec.structs.replace(asked, after=Position.decode(page.next), limit=left)


def without_personal(text: str) -> str:
    """The same JSON text, in one line for every program, with null for each sealed or erased string."""
    shown = _HIDDEN.sub("null", text)
    return shown if shown.isascii() else _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", shown)


def _opened(stored: StoredEvent, event: Event) -> str:
    return stored.data if isinstance(event, WebhookRegistered) else registry.encode(event).decode()


def _line(stored: StoredEvent, text: str) -> Line:
    return Line(
        id=stored.event_id,
        position=stored.position.encode(),
        stream=stored.stream_id,
        version=stored.version,
        type=stored.type,
        number=stored.number,
        recorded_at=stored.recorded_at,
        data=msgspec.Raw(without_personal(text).encode()),
    )
