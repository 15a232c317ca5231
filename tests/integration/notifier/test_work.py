"""The SQL of the rows of work, against the migrated database."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from services.notifier.mail.notices import Notice, notice_for
from services.notifier.mail.outcomes import Errand, gave_up
from services.notifier.toolbox import ROLE
from services.notifier.work import rows as work
from services.notifier.work.queues import Kind
from services.notifier.work.rows import Claimed
from shared.database import connect_pool, statements
from shared.events.notification import NotificationFailed
from shared.journal.records import Position
from tests.integration.notifier.conftest import Bench
from tests.integration.notifier.desk import Desk
from tests.support.smtp import SmtpServer

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


async def test_one_broken_row_holds_up_no_other_and_is_dead_in_the_end(bench: Bench, desk: Desk) -> None:
    """A row of each kind that points nowhere stands among good ones."""
    await bench.tools.pool.execute(
        "insert into notifier.work (kind, event_id, stream_id, xid, position, recipient, give_up_at)"
        " select kind, gen_random_uuid(), gen_random_uuid(), '1', 1, 'requester', now() + interval '1 day'"
        " from unnest(array['route', 'offer', 'mail']) kind"
    )
    for _ in range(3):
        await desk.create(await desk.claire(), subject="poste.logiciel")
    await bench.settle()
    states = await bench.states()
    assert {name: count for name, count in states.items() if name.endswith("done")} == {"route.done": 3, "mail.done": 3}
    assert states["offer.waiting"] == 4  # three that are offered, one that is broken
    await bench.tools.pool.execute("update notifier.work set give_up_at = now(), due_at = now() where number is null")
    await bench.settle()
    dead = await work.dead_rows(bench.tools.pool)
    assert sorted(row.kind for row in dead) == ["mail", "offer", "route"]


async def test_a_mail_is_not_given_up_by_who_lost_its_lease(bench: Bench, desk: Desk, smtp: SmtpServer) -> None:
    stream = await desk.create(await desk.claire())
    await bench.follow()
    (row,) = await bench.rows(Kind.MAIL)
    held = Claimed(
        id=row["id"],
        lease=uuid4(),
        event_id=row["event_id"],
        stream_id=stream,
        position=Position(1, 1),
        recipient="requester",
        attempts=1,
        last_try=True,
    )
    notice = notice_for(await desk.events(stream), row["event_id"], "requester")
    assert isinstance(notice, Notice)
    errand = Errand(row=held, notice=notice, message_id="<one@cecoia.example>", correlation=None)
    await gave_up(bench.tools, errand, "550 no")
    assert await desk.of_type(stream, NotificationFailed) == []
    await bench.settle()
    assert len(smtp.mails) == 1
