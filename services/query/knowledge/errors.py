"""Known errors: what becomes of the events about them, and how they are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from services.query.incidents.search import WORDS, parameters
from services.query.knowledge.pages import After, cut, read_after
from services.query.parameters import Reader, read_words
from services.query.projections.generations import sql
from shared.catalogue import Catalogue
from shared.database import Connection, Record
from shared.events.base import Event
from shared.events.incident import KnownErrorLinked
from shared.events.knowledge import KnownErrorPublished, KnownErrorRetired
from shared.events.vocabulary import KnownErrorState
from shared.journal.numbers import normalise
from shared.journal.records import Recorded
from shared.wire.knowledge import KnownErrorItem, KnownErrorPage

HANDLED: Final[frozenset[type[Event]]] = frozenset({KnownErrorPublished, KnownErrorRetired, KnownErrorLinked})

#: How many are suggested at once.
SUGGESTED: Final = 3
_LIMIT: Final = 20
_MOST: Final = 100
_WORDS: Final = WORDS.format("$5", "$6", "$7")
_STATES: Final[Mapping[str, tuple[KnownErrorState, ...]]] = {
    **{state.value: (state,) for state in KnownErrorState},
    "all": tuple(KnownErrorState),
}


async def apply(connection: Connection, schema: str, page: Sequence[Recorded]) -> None:
    """Take in one page."""
    statements = sql(__file__, schema)
    for recorded in page:
        match recorded.event:
            case KnownErrorPublished() as event:
                await connection.execute(statements.publish, *_columns(event, recorded))
            case KnownErrorRetired() as event:
                state = KnownErrorState.SOLVED if event.solved else KnownErrorState.WITHDRAWN
                changed = (recorded.version, state, recorded.recorded_at, event.text)
                await connection.execute(statements.retire, recorded.stream_id, *changed)
            case _:
                pass
    links = [(one.event.known_error, one.stream_id) for one in page if isinstance(one.event, KnownErrorLinked)]
    if links:
        await connection.execute(statements.link, *map(list, zip(*links, strict=True)))


def _columns(event: KnownErrorPublished, recorded: Recorded) -> tuple[Any, ...]:
    return (
        recorded.stream_id,
        event.number,
        recorded.version,
        event.title,
        event.symptoms,
        event.workaround,
        event.subjects,
        KnownErrorState.OPEN,
        recorded.recorded_at,
    )


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Which known errors; None lets everything through."""

    states: tuple[KnownErrorState, ...]
    subject: str | None
    search: str | None
    after: After | None
    limit: int


def read_listing(given: Mapping[str, str]) -> Listing:
    """Parameters `state subject q limit cursor`; without state, those that still hold.

    Raises:
        Problem: 422 naming every bad value.
    """
    reader = Reader(given)
    listing = Listing(
        states=reader.choice("state", _STATES, KnownErrorState.OPEN),
        subject=read_words(reader, "subject", 100),
        search=read_words(reader, "q", 200),
        after=read_after(reader),
        limit=reader.limit(_LIMIT, _MOST),
    )
    reader.check()
    return listing


async def page(connection: Connection, schema: str, listing: Listing, known: Catalogue) -> KnownErrorPage:
    """A page of known errors, newest first."""
    number = normalise(listing.search) if listing.search else None
    words = None if number else listing.search
    found = await connection.fetch(
        sql(__file__, schema).page.replace("{words}", _WORDS),
        [state.value for state in listing.states],
        listing.subject,
        number,
        words,
        *parameters(words or ""),
        *(listing.after or (None, None)),
        listing.limit + 1,
    )
    shown, following = cut(found, listing.limit)
    return KnownErrorPage(items=[_item(row, known) for row in shown], next=following)


async def named(connection: Connection, schema: str, numbers: Sequence[str], known: Catalogue) -> list[KnownErrorItem]:
    """The known errors with these numbers, in their order."""
    found = await connection.fetch(sql(__file__, schema).named, list(numbers))
    return [_item(row, known) for row in found]


async def suggest(
    connection: Connection,
    schema: str,
    text: str,
    subject: str | None,
    known: Catalogue,
    *,
    besides: Sequence[str] = (),
) -> list[KnownErrorItem]:
    """Known errors that may explain what somebody tells, most alike first.

    Args:
        connection: of the read side.
        schema: of the projection.
        text: what they wrote so far.
        subject: what they chose; None for nothing yet.
        known: for the labels.
        besides: numbers of those that are known to them.
    """
    found = await connection.fetch(sql(__file__, schema).suggest, text, subject, list(besides), SUGGESTED)
    return [_item(row, known) for row in found]


def _item(row: Record, known: Catalogue) -> KnownErrorItem:
    state = msgspec.convert(row["state"], KnownErrorState)
    return KnownErrorItem(
        number=row["number"],
        version=row["version"],
        title=row["title"],
        symptoms=row["symptoms"],
        workaround=row["workaround"],
        subjects=row["subjects"],
        subject_labels=[known.label(subject) for subject in row["subjects"]],
        state=state,
        state_label=state.label,
        published_at=row["published_at"],
        ended_at=row["ended_at"],
        ended_text=row["ended_text"],
        incidents=row["incidents"],
    )
