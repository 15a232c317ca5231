"""Retention: who asked for something long ago, and neither was heard of nor did anything since, is forgotten.

A key is a person's, not an incident's; so an old incident stays as long as its requester still has newer ones.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.intake.incident.deciding import Refusal
from services.intake.people.erasure import Eraser, Order, is_over, statuses
from services.intake.receipts import Attempt
from shared.database import Pool, statements
from shared.events.vocabulary import ErasedFor
from shared.journal.records import Position
from shared.logs import logger

_SQL = statements(__file__, "retention.sql")
_log = logger(__name__)
_PAGE: Final = 200
_FIRST: Final = UUID(int=0)
#: Events that are looked at in one go, well within the time that a statement has.
_STRETCH: Final = 5000
#: Behind every event.
_END: Final = Position(2**63 - 1, 0)
_ORDER: Final = Order(reason=ErasedFor.RETENTION)


class Due(NamedTuple):
    """Somebody whose time is over, and how many incidents they had asked for."""

    person: UUID
    incidents: int


async def due(pool: Pool, before: datetime) -> list[Due]:
    """Who has incidents, all of them over, and neither was heard of nor did anything since an instant.

    Args:
        pool: of intake.
        before: the instant.
    """
    quiet = [one async for one in _quiet(pool, before)]
    idle = await _idle(pool, {one.person for one in quiet}, before)
    return [one for one in quiet if one.person in idle]


async def _quiet(pool: Pool, before: datetime) -> AsyncIterator[Due]:
    """Those of whose own incidents nothing was heard."""
    after = _FIRST
    while True:
        rows = await pool.fetch(_SQL.people, after, _PAGE)
        for row in rows:
            if row["incidents"] and row["last"] < before and await _over(pool, row["person"]):
                yield Due(row["person"], row["incidents"])
        if len(rows) < _PAGE:
            return
        after = rows[-1]["person"]


async def _idle(pool: Pool, people: set[UUID], before: datetime) -> set[UUID]:
    """Those of them who did nothing, also for others.

    Goes back through the journal, once for all of them, until it is older than the instant or everybody did something.
    """
    idle, place = set(people), _END
    while idle:
        row = await pool.fetchrow(_SQL.deeds, *place, _STRETCH, before, list(map(str, idle)))
        if not row or not row["recent"]:
            break
        idle.difference_update(row["actors"])
        place = Position(row["xid"], row["position"])
    return idle


async def _over(pool: Pool, person: UUID) -> bool:
    async with pool.acquire() as connection:
        return all(is_over(status, _ORDER.reason) for status in await statuses(connection, person))


async def retain(pool: Pool, eraser: Eraser, before: datetime, now: datetime) -> list[Due]:
    """Forget everybody who is due.

    Args:
        pool: of intake.
        eraser: forgets.
        before: an instant since when nothing was heard of them.
        now: what the events carry.

    Returns:
        Who was forgotten.
    """
    gone = []
    attempt = Attempt(key=None, fingerprint=None, version=None, request=None, at=now)
    for one in await due(pool, before):
        try:
            await eraser.erase(one.person, _ORDER, attempt)
            gone.append(one)
        except Refusal as refusal:  # something happened meanwhile
            _log.info("person_retained", person=str(one.person), reason=refusal.code)
    return gone
