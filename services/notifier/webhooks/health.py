"""How sending to each webhook went last, and since when it fails."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from shared.database import Connection, statements

_SQL = statements(__file__, "health.sql")


async def delivered(connection: Connection, webhook: UUID) -> None:
    """A message arrived."""
    await connection.execute(_SQL.delivered, webhook)


async def is_too_long(connection: Connection, webhook: UUID, patience: timedelta, since: datetime) -> bool:
    """Whether no message has arrived for longer than patience lasts.

    Args:
        connection: of the notifier.
        webhook: which one.
        patience: how long that may go on.
        since: instant before which nothing counts.
    """
    return bool(await connection.fetchval(_SQL.too_long, webhook, patience, since))


async def failed(connection: Connection, webhook: UUID, error: str) -> None:
    """A message did not arrive; `error` says why in French."""
    await connection.execute(_SQL.failed, webhook, error)


async def tested_in_vain(connection: Connection, webhook: UUID, error: str) -> None:
    """A message that somebody asked for to see it arrive did not."""
    await connection.execute(_SQL.tested_in_vain, webhook, error)
