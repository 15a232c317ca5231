"""What workers record in the journal: many rows, one append, each event once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import asyncpg

from services.notifier.toolbox import Toolbox
from services.notifier.work import rows as work
from services.notifier.work.rows import Claimed
from shared.database import AWAY
from shared.journal.append import append
from shared.journal.records import Append, Verdict
from shared.logs import logger

_log = logger(__name__)


async def record(tools: Toolbox, decided: Sequence[tuple[Claimed, Append]], *, log: str) -> None:
    """Append and end the rows in one transaction; if the database refuses, one by one.

    A row whose incident moved on from the version that its command names is given back, to be decided anew.

    Args:
        tools: of the worker.
        decided: rows in its hands under one lease, and what each of them records.
        log: static name of the log event that says how many there were.
    """
    if not decided:
        return
    try:
        await _append(tools, decided)
    except AWAY:
        raise
    except asyncpg.PostgresError as error:
        if len(decided) > 1:
            for one in decided:
                await record(tools, [one], log=log)
            return
        row = decided[0][0]
        _log.exception("record_refused", work=row.id)
        async with tools.pool.acquire() as connection:
            await work.failed(connection, row, error=type(error).__name__)
        return
    tools.wakeups.notify()
    _log.info(log, rows=len(decided))


async def _append(tools: Toolbox, decided: Sequence[tuple[Claimed, Append]]) -> None:
    lease = decided[0][0].lease
    async with tools.pool.acquire() as connection, connection.transaction():
        outcomes = await append(connection, [command for _, command in decided], tools.vault)
        moved = [row.id for (row, _), one in zip(decided, outcomes, strict=True) if one.verdict is Verdict.CONFLICT]
        await work.done(connection, [row.id for row, _ in decided if row.id not in moved], lease)
        await work.later(connection, moved, lease, after=timedelta(0))
