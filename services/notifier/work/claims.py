"""What every task begins with: claim its rows, read what they are about, and let none hold up the others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from services.notifier.toolbox import Toolbox
from services.notifier.work import rows as work
from services.notifier.work.rows import Claimed
from shared.database import AWAY
from shared.journal.read import read_stream
from shared.journal.records import StoredEvent
from shared.logs import logger

_log = logger(__name__)


async def claim(tools: Toolbox, ids: Sequence[int], told: UUID) -> list[Claimed]:
    """The rows that still stand under the lease `told`; they are held under one of their own from now on."""
    async with tools.pool.acquire() as connection:
        return await work.claim(connection, ids, told, uuid4())


async def claim_streams(tools: Toolbox, ids: Sequence[int], told: UUID) -> list[tuple[Claimed, list[StoredEvent]]]:
    """The same rows, each with the events of its stream."""
    async with tools.pool.acquire() as connection:
        rows = await work.claim(connection, ids, told, uuid4())
        return [(row, await read_stream(connection, row.stream_id)) for row in rows]


async def one_by_one(tools: Toolbox, ids: Sequence[int], told: UUID) -> AsyncIterator[Claimed]:
    """The same rows, each claimed when its turn comes: together, slow effects would outlast a lease.

    Rows whose turn does not come in time, or before the process is to stop, are given out again by the dispatcher.
    """
    for row_id in ids:
        if tools.stopping():
            return
        for row in await claim(tools, [row_id], told):
            yield row


@asynccontextmanager
async def apart(tools: Toolbox, row: Claimed, *, log: str) -> AsyncIterator[None]:
    """Do what a row asks for; where that breaks, the row alone is put off, or given up once its patience is over.

    Args:
        tools: of the worker.
        row: in its hands.
        log: static name of the log event that says so.

    Raises:
        OSError, asyncpg.PostgresError: the database is away, for this row and all others.
    """
    try:
        yield
    except AWAY:
        raise
    except Exception as error:  # noqa: BLE001 - what cannot be understood must not hold up the others
        _log.exception(log, work=row.id)
        async with tools.pool.acquire() as connection:
            await work.failed(connection, row, error=type(error).__name__)
