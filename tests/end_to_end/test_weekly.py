"""The whole system tells its supervisors of a week: real figures of query, by a real mail."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import asyncpg
import pytest

from services.notifier.weekly.planning import plan_report
from services.notifier.weekly.weeks import Week
from shared import clock
from shared.clock import paris_date
from shared.settings import Settings
from tests.end_to_end.test_answers import new
from tests.support.mails import await_mail
from tests.support.stack import Stack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def _plan(settings: Settings, now: datetime) -> None:
    connection = await asyncpg.connect(settings.database_url, server_settings={"role": "cecoia_notifier"})
    try:
        await plan_report(connection, settings, now)
    finally:
        await connection.close()


def test_the_week_is_told_with_what_came_in(stack: Stack) -> None:
    today = paris_date(clock.now())
    week = Week(today - timedelta(days=today.weekday()))
    new(stack)
    settings = Settings.read({"CECOIA_HOME": str(stack.home)})
    asyncio.run(_plan(settings, week.end + timedelta(days=1)))
    mail = await_mail(stack.home, "sophie.durand@cecoia.example", f"du {week.first:%d/%m/%Y}")
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content().replace("\u00a0", " ")
    (received,) = [line for line in text.splitlines() if line.startswith("Reçus : ")]
    assert not received.startswith("Reçus : 0")
    assert "/rapports/satisfaction?from=" in text
