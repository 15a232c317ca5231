"""From a supervisor's change of the catalogue to its place in the journal: once, whatever is repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from services.intake.receipts import Attempt, Kept, check_same, event_ids, kept_now, new_events, repeated
from shared.catalogue import CATALOGUE_STREAM, Catalogue
from shared.database import Pool
from shared.events import registry
from shared.events.base import Event
from shared.http.problems import Problem, unavailable
from shared.journal.batcher import Batcher
from shared.journal.read import read_stream
from shared.journal.records import Append, StoredEvent, Verdict

#: Times a change is decided again when somebody else was faster.
_ATTEMPTS: Final = 5

#: From the catalogue as it stands to the events of a change; raises where there is none to make.
Decide = Callable[[Catalogue], Sequence[Event]]


class Changing:
    """Changes the catalogue.

    Args:
        pool: reads it.
        batcher: appends.
    """

    def __init__(self, pool: Pool, batcher: Batcher) -> None:
        self._pool = pool
        self._batcher = batcher

    async def current(self) -> tuple[Catalogue, int]:
        """The catalogue as it stands, and its version."""
        stored = await self._stored()
        return _fold(stored), len(stored)

    async def change(self, name: str, decide: Decide, person: UUID, attempt: Attempt) -> Kept:
        """Record a change.

        Args:
            name: of what is changed, the same for the same change sent again.
            decide: what it makes happen.
            person: who makes it.
            attempt: how it was sent.

        Raises:
            Problem: 412 when the version moved, 422 when the key was used for something else; what `decide` raises.
            JournalBusy, JournalUnavailable: nothing is known of the outcome; sending again is safe.
        """
        for _ in range(_ATTEMPTS):
            stored = await self._stored()
            if kept := repeated(stored, name, person, attempt):
                return kept
            _check_version(len(stored), attempt)
            ids = event_ids(CATALOGUE_STREAM, name, person, attempt.key)
            append = Append(
                stream_id=CATALOGUE_STREAM,
                events=new_events(ids, decide(_fold(stored)), attempt, person),
                recorded_at=attempt.at,
                expected_version=len(stored),
            )
            outcome = await self._batcher.append(append)
            if outcome.verdict is not Verdict.CONFLICT:
                check_same(outcome.fingerprint, attempt)
                return kept_now(CATALOGUE_STREAM, outcome, attempt)
        raise unavailable(1, "Plusieurs personnes modifient le catalogue en même temps. Réessayez.")

    async def _stored(self) -> list[StoredEvent]:
        async with self._pool.acquire() as connection:
            return await read_stream(connection, CATALOGUE_STREAM)


def _check_version(version: int, attempt: Attempt) -> None:
    """Hold the catalogue to the version that is asked of it.

    Raises:
        Problem: 412.
    """
    if attempt.version not in {None, version}:
        raise Problem(
            412, detail="Le catalogue a changé depuis que vous l’avez lu. Relisez-le puis recommencez.", code="version"
        )


def _fold(stored: Sequence[StoredEvent]) -> Catalogue:
    """The catalogue after stored events; who changed it stays sealed."""
    return Catalogue.of(registry.decode(one.data) for one in stored)
