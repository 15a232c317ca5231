"""Retention: who asked for something long ago, and was not heard of since, is forgotten.

A key is a person's, not an incident's; so an old incident stays as long as its requester still has newer ones.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.intake.incident import Refusal
from services.intake.people.erasure import Eraser, Order, is_over, statuses
from services.intake.recorder import Attempt
from shared.database import Pool, statements
from shared.events.vocabulary import ErasedFor
from shared.logs import logger

_SQL = statements(__file__, "retention.sql")
_log = logger(__name__)
_PAGE: Final = 200
_FIRST: Final = UUID(int=0)
_ORDER: Final = Order(reason=ErasedFor.RETENTION)


class Due(NamedTuple):
    """Somebody whose time is over, and how many incidents they had asked for."""

    person: UUID
    incidents: int


async def due(pool: Pool, before: datetime) -> AsyncIterator[Due]:
    """Who has incidents, all of them over, and of whom nothing was heard since an instant.

    Args:
        pool: of intake.
        before: the instant.
    """
    after = _FIRST
    while True:
        rows = await pool.fetch(_SQL.people, after, _PAGE)
        for row in rows:
            if row["incidents"] and row["last"] < before and await _over(pool, row["person"]):
                yield Due(row["person"], row["incidents"])
        if len(rows) < _PAGE:
            return
        after = rows[-1]["person"]


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
    async for one in due(pool, before):
        try:
            await eraser.erase(one.person, _ORDER, attempt)
            gone.append(one)
        except Refusal as refusal:  # something happened meanwhile
            _log.info("person_retained", person=str(one.person), reason=refusal.code)
    return gone
