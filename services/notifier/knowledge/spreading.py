"""Spreads what concerns many: one row of an event becomes a row for each incident, or for each follower."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from services.notifier.toolbox import Toolbox
from services.notifier.work import rows as work
from services.notifier.work.claims import apart, claim
from services.notifier.work.rows import PATIENCE, Claimed
from shared.database import Connection, statements
from shared.events.knowledge import KnownErrorRetired, NewsWithdrawn
from shared.events.registry import decode
from shared.journal.read import read_stream
from shared.logs import logger

_SQL = statements(__file__, "spreading.sql")
_log = logger(__name__)


async def spread_all(tools: Toolbox, ids: Sequence[int], told: UUID) -> None:
    """Spread the events of these rows; each row ends in the transaction that makes those it becomes."""
    for row in await claim(tools, ids, told):
        async with apart(tools, row, log="spread_broken"):
            async with tools.pool.acquire() as connection, connection.transaction():
                await _spread(connection, row)
                await work.done(connection, [row.id], row.lease)
            _log.info("spread", work=row.id)


async def _spread(connection: Connection, row: Claimed) -> None:
    events = {stored.event_id: decode(stored.data) for stored in await read_stream(connection, row.stream_id)}
    match events[row.event_id]:
        case KnownErrorRetired(number=number):
            await connection.execute(_SQL.solve, row.id, number, PATIENCE)
        case NewsWithdrawn(text=str()):
            await connection.execute(_SQL.announce, row.id, str(row.stream_id), PATIENCE)
        case _:
            pass
