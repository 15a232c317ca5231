"""The SQL of the rows of work, against the migrated database."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from services.notifier.toolbox import ROLE
from services.notifier.work import rows as work
from services.notifier.work.queues import Kind
from shared.database import connect_pool, statements

SQL = vars(statements(work.__file__, "rows.sql"))


@pytest.mark.parametrize("name", SQL)
async def test_every_statement_is_understood(database_url: str, name: str) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"role": ROLE})
    try:
        await connection.prepare(SQL[name])
    finally:
        await connection.close()


async def test_what_is_due_is_found_in_the_index(database_url: str) -> None:
    """Among a hundred thousand rows, most of them done: giving out a batch must not read the table."""
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "insert into notifier.work (kind, event_id, stream_id, xid, position, give_up_at, done_at, due_at)"
            " select 'mail', gen_random_uuid(), gen_random_uuid(), '1', 1, now(),"
            " case when n % 100 > 0 then now() end, now() + n % 7 * interval '1 minute' from generate_series(1, 100000) n"
        )
        await connection.execute("analyze notifier.work")
        plan = await connection.fetch("explain " + SQL["lease"], Kind.MAIL, 400, 20, uuid4(), timedelta(seconds=60))
        text = "\n".join(row[0] for row in plan)
        assert "work_due" in text
        assert "Seq Scan" not in text
    finally:
        await connection.close()


async def test_ended_rows_are_forgotten_after_a_while(database_url: str) -> None:
    async with await connect_pool(database_url, ROLE, name="test", size=1) as pool, pool.acquire() as connection:
        await connection.execute(
            "insert into notifier.work (kind, event_id, stream_id, xid, position, give_up_at, done_at)"
            " select 'mail', gen_random_uuid(), gen_random_uuid(), '1', 1, now(), ended"
            " from unnest(array[now() - interval '40 days', now(), null]) ended"
        )
        await work.forget(connection)
        assert await connection.fetchval("select count(*) from notifier.work") == 2


async def test_the_notifier_cannot_rewrite_history(database_url: str) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"role": ROLE})
    try:
        for statement in (
            "update journal.events set data = '{}'",
            "delete from journal.events",
            "truncate journal.events",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()
