"""From what somebody publishes to its place in the journal, once whatever is repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID, uuid5

from services.intake.knowledge.news import follow, follower_stream
from services.intake.receipts import (
    Attempt,
    Kept,
    check_same,
    event_ids,
    kept_now,
    kept_of,
    key_reused,
    new_events,
    new_stream,
    repeated,
)
from shared.database import Pool
from shared.events.base import Event, Person
from shared.events.knowledge import NewsFollowed
from shared.events.registry import decode, type_and_schema
from shared.http.problems import Problem, unavailable
from shared.journal.batcher import Batcher
from shared.journal.numbers import normalise
from shared.journal.read import find_stream, read_stream
from shared.journal.records import Append, Meta, NewEvent, Series, StoredEvent, Verdict

#: Times that something is decided again when somebody else was faster.
_ATTEMPTS: Final = 5
_MOVED: Final = "Cette publication a changé depuis que vous l’avez lue. Relisez-la puis recommencez."
_UNBORN: Final = "Cette publication n’existe pas encore\u00a0: elle n’a aucune version."


class Publisher:
    """Records publications, each a stream of its own in which one event follows another.

    Args:
        pool: reads them.
        batcher: appends.
    """

    def __init__(self, pool: Pool, batcher: Batcher) -> None:
        self._pool = pool
        self._batcher = batcher

    async def publish(self, event: Event, by: Person, attempt: Attempt, series: Series | None = None) -> Kept:
        """Record the first event of a publication.

        Args:
            event: what is published.
            by: who publishes it.
            attempt: how it was sent.
            series: what it gets a number of; None for no number.

        Raises:
            Problem: 412 when a version is asked of it, 422 when the key was used for something else.
            JournalBusy, JournalUnavailable: nothing is known of the outcome; sending again is safe.
        """
        if attempt.version is not None:
            if kept := await self.published(type(event), by, attempt):
                return kept
            raise Problem(412, detail=_UNBORN, code="version")
        stream_id, name = _stream(type(event), by, attempt), _name(type(event))
        append = Append(
            stream_id=stream_id,
            events=new_events(event_ids(stream_id, name, by.id, attempt.key), (event,), attempt, owner=None),
            recorded_at=attempt.at,
            expected_version=0,
            series=series,
        )
        outcome = await self._batcher.append(append)
        if outcome.verdict is Verdict.CONFLICT:
            raise key_reused()
        check_same(outcome.fingerprint, attempt)
        return kept_now(stream_id, outcome, attempt)

    async def published(self, kind: type[Event], by: Person, attempt: Attempt) -> Kept | None:
        """What an earlier sending of the same publication recorded, if there was one."""
        if attempt.key is None:
            return None
        stored = await self.read(_stream(kind, by, attempt))
        if not stored or stored[0].meta.fingerprint != attempt.fingerprint:
            return None
        return kept_of(stored, stored[0])

    async def change(
        self,
        stream_id: UUID | None,
        kind: type[Event],
        decide: Callable[[Sequence[Event]], Event],
        by: Person,
        attempt: Attempt,
    ) -> Kept:
        """Record what happens to a publication next.

        Args:
            stream_id: its stream; None where nothing was found.
            kind: of what `decide` gives.
            decide: from all that happened so far.
            by: who asks for it.
            attempt: how it was sent.

        Raises:
            Refusal: as `decide`; it refuses what was never published.
            Problem: 412 when the version moved, 422 when the key was used for something else.
            JournalBusy, JournalUnavailable: nothing is known of the outcome; sending again is safe.
        """
        for _ in range(_ATTEMPTS):
            stored = await self.read(stream_id)
            if kept := repeated(stored, _name(kind), by.id, attempt):
                return kept
            _check_version(stored, attempt)
            event = decide([decode(one.data) for one in stored])
            stream = stored[0].stream_id
            ids = event_ids(stream, _name(kind), by.id, attempt.key)
            append = Append(
                stream_id=stream,
                events=new_events(ids, (event,), attempt, owner=None),
                recorded_at=attempt.at,
                expected_version=stored[-1].version,
            )
            outcome = await self._batcher.append(append)
            if outcome.verdict is not Verdict.CONFLICT:
                check_same(outcome.fingerprint, attempt)
                return kept_now(stream, outcome, attempt)
        raise unavailable(1, "Plusieurs personnes modifient cette publication en même temps. Réessayez.")

    async def follow(self, news: UUID, by: Person, attempt: Attempt) -> Kept:
        """Let somebody follow a news; whoever follows it already is told so again.

        Args:
            news: its stream.
            by: who.
            attempt: how it was sent; `version` is that of the news.

        Raises:
            Refusal: there is no such news, or it holds no more.
            Problem: 412 when the news moved.
            JournalBusy, JournalUnavailable: nothing is known of the outcome; sending again is safe.
        """
        stream_id = follower_stream(news, by.id)
        if followed := await self.read(stream_id):
            return kept_of(followed, followed[0])
        stored = await self.read(news)
        _check_version(stored, attempt)
        event = follow([decode(one.data) for one in stored], news, by, attempt.at)
        new = NewEvent(
            event_id=uuid5(stream_id, _name(NewsFollowed)), event=event, meta=Meta(correlation=attempt.request)
        )
        append = Append(stream_id=stream_id, events=(new,), recorded_at=attempt.at, expected_version=0)
        outcome = await self._batcher.append(append)
        return kept_now(stream_id, outcome, attempt)

    async def find(self, number: str) -> UUID | None:
        """The stream of a number in any form that people use, whatever has that number."""
        exact = normalise(number)
        async with self._pool.acquire() as connection:
            return await find_stream(connection, exact) if exact else None

    async def read(self, stream_id: UUID | None) -> list[StoredEvent]:
        """All events of a stream."""
        if stream_id is None:
            return []
        async with self._pool.acquire() as connection:
            return await read_stream(connection, stream_id)


def _check_version(stored: Sequence[StoredEvent], attempt: Attempt) -> None:
    if attempt.version is not None and stored and attempt.version != stored[-1].version:
        raise Problem(412, detail=_MOVED, code="version")


def _name(kind: type[Event]) -> str:
    return type_and_schema(kind)[0]


def _stream(kind: type[Event], by: Person, attempt: Attempt) -> UUID:
    """The same for the same sending by the same person, and another than that of an incident."""
    return new_stream(by.id, f"{_name(kind)}:{attempt.key}" if attempt.key is not None else None)
