"""Plans the mail about a week: one row of work, whoever plans it how often."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import NAMESPACE_DNS, UUID, uuid5

from services.notifier.weekly.weeks import last_week
from services.notifier.work.queues import Kind
from services.notifier.work.rows import PATIENCE
from shared.database import Connection, statements
from shared.journal.records import START, Position
from shared.settings import Settings

_sql = statements(__file__, "planning.sql")

#: In place of the event that causes other work; a row's recipient says which week it is about.
_CAUSE: Final[UUID] = uuid5(NAMESPACE_DNS, "weekly.cecoia")


async def plan_report(connection: Connection, settings: Settings, now: datetime) -> None:
    """Plan the mail about the last full week, unless that was done, or nobody is to get one.

    What was missed while nothing ran is made up for once, for the last week alone.

    Args:
        connection: of the notifier.
        settings: say whether there is somebody to write to, and a program that may read reports.
        now: the present instant.
    """
    if settings.supervisors_mail and settings.reporting_client:
        week = last_week(now)
        await connection.execute(_sql.plan, Kind.WEEKLY, _CAUSE, week.first.isoformat(), week.end, PATIENCE)


async def head(connection: Connection) -> Position:
    """Where the last event of the journal stands."""
    row = await connection.fetchrow(_sql.last)
    return Position(row["xid"], row["position"]) if row else START
