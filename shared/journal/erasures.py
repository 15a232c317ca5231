"""Erased people: the stream that says so of each, and processes that must hear of it before their memory ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, NoReturn
from uuid import UUID, uuid5

import asyncpg

from shared.database import AWAY, Pool, stay_cancelled
from shared.events import registry
from shared.events.person import PersonErased
from shared.journal.read import Wanted, fence, read_stretch
from shared.journal.records import Position, StoredEvent
from shared.journal.sealing import Vault
from shared.logs import logger

_log = logger(__name__)

#: Name of the event in the journal.
ERASED_TYPE: Final = registry.type_and_schema(PersonErased)[0]
_PAGE: Final = 1000
#: Most events that are looked through in one go.
_EXAMINED: Final = 20_000
_ERASURES: Final = Wanted(types=(ERASED_TYPE,))


def erasure_stream(person: UUID) -> UUID:
    """The stream of a person, which has an event only when they were erased."""
    return uuid5(person, "erasure")


def erased_person(stored: StoredEvent) -> UUID:
    """Whom a stored `PersonErased` speaks of.

    Raises:
        TypeError: it is another event.
    """
    event = registry.decode(stored.data)
    if not isinstance(event, PersonErased):
        raise TypeError(f"event {stored.event_id} erases nobody")
    return event.person


@asynccontextmanager
async def heeding(pool: Pool, vault: Vault, *, every: float = 1.0) -> AsyncIterator[None]:
    """Let a vault forget, while the context lasts, whoever is erased by any process.

    Args:
        pool: of any role.
        vault: what forgets.
        every: seconds between two looks: an erased person is read by this process no longer than that.
    """
    async with pool.acquire() as connection:
        start = Position(await fence(connection), 0)
    task = asyncio.create_task(_heed(pool, vault, start, every))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _heed(pool: Pool, vault: Vault, after: Position, every: float) -> NoReturn:
    while True:
        try:
            async with pool.acquire() as connection:
                found = await read_stretch(connection, after, _PAGE, _ERASURES, examined=_EXAMINED)
            vault.forget(map(erased_person, found.events))
            after, pause = found.end, 0.0 if found.more else every
        except (*AWAY, asyncpg.PostgresError) as error:
            stay_cancelled()
            _log.warning("erasures_unknown", error=type(error).__name__)
            pause = every
        await asyncio.sleep(pause)
