"""What the operator does to people by hand: forget one of them, or everybody who was not heard of for long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from services.intake.people.erasure import Eraser, Order
from services.intake.people.retention import due, retain
from services.intake.receipts import Attempt
from shared import clock
from shared.database import Pool, connect_pool
from shared.events.vocabulary import ErasedFor
from shared.http.problems import not_found
from shared.journal.sealing import Vault
from shared.settings import Settings


class _Tools(NamedTuple):
    pool: Pool
    vault: Vault
    eraser: Eraser


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[_Tools]:
    pool = await connect_pool(settings.database_url, "cecoia_intake", name="cecoia erasure", size=3)
    try:
        vault = Vault(pool)
        # Whoever follows the journal looks at it every second by themselves.
        yield _Tools(pool, vault, Eraser(pool, vault, lambda: None))
    finally:
        await pool.close()


async def erase(settings: Settings, *, number: str | None, email: str | None, force: bool) -> str:
    """Forget whoever asked for an incident, or uses an address; gives what to tell.

    Raises:
        Refusal, Problem: nobody is found, or incidents of theirs are not ended.
        OSError, asyncpg.PostgresError: the database is away.
    """
    attempt = Attempt(key=None, fingerprint=None, version=None, request=None, at=clock.now())
    async with _opened(settings) as tools:
        person = await _find(tools, number, email)
        done = await tools.eraser.erase(person, Order(reason=ErasedFor.REQUEST, force=force), attempt)
    return f"erased: 1 person, {done.incidents} incidents"


async def _find(tools: _Tools, number: str | None, email: str | None) -> UUID:
    if number is not None:
        return (await tools.eraser.requester(number)).id
    if person := await tools.vault.find_address(email or ""):
        return person
    raise not_found("Personne n’est connu sous cette adresse.")


async def forget_old(settings: Settings, age: timedelta, *, apply: bool) -> str:
    """Forget everybody of whom nothing was heard for so long, or only say who that would be; gives what to tell.

    Raises:
        OSError, asyncpg.PostgresError: the database is away.
    """
    now = clock.now()
    async with _opened(settings) as tools:
        if apply:
            people = await retain(tools.pool, tools.eraser, now - age, now)
        else:
            people = await due(tools.pool, now - age)
    told = f"{len(people)} people, {sum(one.incidents for one in people)} incidents"
    return f"erased: {told}" if apply else f"would be erased with --apply: {told}"
