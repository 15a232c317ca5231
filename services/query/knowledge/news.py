"""News: what becomes of the events about them, and how they are listed for somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from services.query.incidents.search import WORDS, parameters
from services.query.knowledge.pages import After, cut, read_after
from services.query.parameters import Reader, read_words
from services.query.projections.generations import sql
from shared.catalogue import Catalogue
from shared.database import Connection, Record
from shared.events.base import Event
from shared.events.knowledge import NewsFollowed, NewsPublished, NewsWithdrawn
from shared.journal.records import Recorded
from shared.wire.knowledge import NewsItem, NewsPage

HANDLED: Final[frozenset[type[Event]]] = frozenset({NewsPublished, NewsWithdrawn, NewsFollowed})

_LIMIT: Final = 20
_MOST: Final = 100
_WORDS: Final = WORDS.format("$6", "$7", "$8")
#: Whether those that hold are wanted; None for all.
_STATES: Final[Mapping[str, bool | None]] = {"current": True, "ended": False, "all": None}


async def apply(connection: Connection, schema: str, page: Sequence[Recorded]) -> None:
    """Take in one page."""
    statements = sql(__file__, schema)
    for recorded in page:
        stream, version, at = recorded.stream_id, recorded.version, recorded.recorded_at
        match recorded.event:
            case NewsPublished(title=title, text=text, subjects=subjects, until=until):
                await connection.execute(statements.publish, stream, version, title, text, subjects, until, at)
            case NewsWithdrawn(text=text):
                await connection.execute(statements.withdraw, stream, version, at, text)
            case _:
                pass
    followed = [(one.event.news, one.event.by.id) for one in page if isinstance(one.event, NewsFollowed)]
    if followed:
        await connection.execute(statements.follow, *map(list, zip(*followed, strict=True)))


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Which news; None lets everything through."""

    holds: bool | None = True
    subject: str | None = None
    search: str | None = None
    after: After | None = None
    limit: int = _LIMIT


def read_listing(given: Mapping[str, str]) -> Listing:
    """Parameters `state subject q limit cursor`; without state, those that hold.

    Raises:
        Problem: 422 naming every bad value.
    """
    reader = Reader(given)
    listing = Listing(
        holds=reader.choice("state", _STATES, "current"),
        subject=read_words(reader, "subject", 100),
        search=read_words(reader, "q", 200),
        after=read_after(reader),
        limit=reader.limit(_LIMIT, _MOST),
    )
    reader.check()
    return listing


class Eye(NamedTuple):
    """Who looks, when, and the catalogue for the labels."""

    person: UUID
    now: datetime
    known: Catalogue


async def page(connection: Connection, schema: str, listing: Listing, eye: Eye) -> NewsPage:
    """A page of news, newest first, as somebody sees them."""
    found = await connection.fetch(
        sql(__file__, schema).page.replace("{news_words}", _WORDS),
        eye.person,
        eye.now,
        listing.holds,
        listing.subject,
        listing.search,
        *parameters(listing.search or ""),
        *(listing.after or (None, None)),
        listing.limit + 1,
    )
    shown, following = cut(found, listing.limit)
    return NewsPage(items=[_item(row, eye) for row in shown], next=following)


async def one(connection: Connection, schema: str, news: UUID, eye: Eye) -> NewsItem | None:
    """One news as somebody sees it; None where there is none."""
    row = await connection.fetchrow(sql(__file__, schema).one, eye.person, news)
    return _item(row, eye) if row else None


def _item(row: Record, eye: Eye) -> NewsItem:
    until = row["until"]
    return NewsItem(
        id=row["stream_id"],
        version=row["version"],
        title=row["title"],
        text=row["text"],
        subjects=row["subjects"],
        subject_labels=[eye.known.label(subject) for subject in row["subjects"]],
        until=until,
        published_at=row["published_at"],
        withdrawn_at=row["withdrawn_at"],
        withdrawn_text=row["withdrawn_text"],
        current=row["withdrawn_at"] is None and (until is None or until > eye.now),
        followers=row["followers"],
        followed=row["followed"],
    )
