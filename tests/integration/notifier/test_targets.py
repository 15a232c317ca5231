"""Targets that run out while time passes, whatever is killed meanwhile: each is said once, and told by mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.notifier.mail import plain
from services.notifier.work.queues import Kind
from shared.catalogue import CATALOGUE_STREAM, parse_toml
from shared.events.catalogue import CalendarDefined
from shared.events.incident import IncidentEscalated, IncidentPutOnHold, IncidentResumed
from shared.events.vocabulary import HoldReason, Stage, Target
from shared.journal.append import append
from tests.integration.notifier.conftest import Bench
from tests.integration.notifier.desk import CATALOGUE, Desk
from tests.support.history import command

STANDARD = next(event for event in parse_toml(CATALOGUE.read_text("utf-8")) if isinstance(event, CalendarDefined))
MISSED = [(Target.TAKE, Stage.MISSED), (Target.RESOLVE, Stage.MISSED)]


@pytest.fixture(autouse=True)
def supervised(bench: Bench) -> None:
    settings = msgspec.structs.replace(bench.tools.settings, supervisors_mail="responsables@cecoia.example")
    bench.tools = bench.tools._replace(settings=settings)


def pass_time(bench: Bench, days: float) -> None:
    """Let the workers' clock be ahead."""
    bench.tools = bench.tools._replace(now=lambda: datetime.now(UTC) + timedelta(days=days))


async def said(desk: Desk, stream: UUID) -> list[tuple[Target, Stage]]:
    return [(event.target, event.stage) for event in await desk.of_type(stream, IncidentEscalated)]


async def redefine(desk: Desk, calendar: CalendarDefined) -> None:
    async with desk.pool.acquire() as connection:
        await append(connection, [command(calendar, stream_id=CATALOGUE_STREAM)], desk.vault)


async def test_what_nobody_takes_is_said_and_told_once(bench: Bench, desk: Desk, smtp: Any) -> None:
    stream = await desk.create(await desk.claire())
    await bench.settle()
    assert await said(desk, stream) == []
    pass_time(bench, 60)
    for _ in range(3):
        await bench.make_due()
        await bench.settle()
    assert await said(desk, stream) == MISSED
    told = [str(mail.message["To"]) for mail in smtp.mails if "Délai" in str(mail.message["Subject"])]
    assert sorted(told) == ["messagerie@cecoia.example"] * 2 + ["responsables@cecoia.example"] * 2
    assert all(row["done_at"] for row in [*await bench.rows(Kind.TARGET), *await bench.rows(Kind.ALERT)])


async def test_killed_over_the_due_time_it_fires_once_afterwards(bench: Bench, desk: Desk) -> None:
    stream = await desk.create(await desk.claire())
    await bench.settle()
    await bench.make_due()
    pass_time(bench, 60)
    await bench.dispatch()  # a message that gets lost, and with it a worker
    await bench.make_due()
    messages = await bench.dispatch()
    await bench.deliver(messages * 2)
    await bench.settle()
    assert await said(desk, stream) == MISSED


async def test_a_look_waits_in_its_row_for_the_very_minute(bench: Bench, desk: Desk) -> None:
    await bench.settle()
    await desk.create(await desk.claire())
    await bench.settle()
    (row,) = await bench.rows(Kind.TARGET)
    assert row["due_at"] - row["created_at"] == pytest.approx(timedelta(minutes=1), abs=timedelta(seconds=20))
    await bench.make_due()
    await bench.settle()
    (row,) = await bench.rows(Kind.TARGET)
    assert row["due_at"] - row["created_at"] > timedelta(hours=2, minutes=50)  # three quarters of four working hours
    assert row["give_up_at"] > row["due_at"]


async def test_a_calendar_that_changes_moves_the_look(bench: Bench, desk: Desk) -> None:
    await desk.create(await desk.claire())
    await bench.settle()
    await bench.make_due()
    await bench.settle()
    (before,) = await bench.rows(Kind.TARGET)
    today = datetime.now(UTC)
    closed = msgspec.structs.replace(STANDARD, closed=(f"{today:%Y-%m-%d}/{today + timedelta(days=30):%Y-%m-%d}",))
    await redefine(desk, closed)
    await bench.settle()
    (after,) = await bench.rows(Kind.TARGET)
    assert after["due_at"] > before["due_at"] + timedelta(days=20)
    await redefine(desk, STANDARD)
    await bench.settle()
    (again,) = await bench.rows(Kind.TARGET)
    assert again["due_at"] == pytest.approx(before["due_at"], abs=timedelta(minutes=1))


async def test_holds_pause(bench: Bench, desk: Desk) -> None:
    nadia = await desk.nadia()
    stream = await desk.create(await desk.claire())
    await desk.take(stream, nadia)
    await desk.record(stream, IncidentPutOnHold(by=nadia, reason=HoldReason.THIRD_PARTY))
    await bench.settle()
    pass_time(bench, 60)
    await bench.make_due()
    await bench.settle()
    assert await said(desk, stream) == []
    assert all(row["done_at"] for row in await bench.rows(Kind.TARGET))
    await desk.record(stream, IncidentResumed(by=nadia))
    await bench.settle()
    await bench.make_due()
    await bench.settle()
    assert await said(desk, stream) == [(Target.RESOLVE, Stage.MISSED)]


async def test_one_that_nobody_can_read_holds_up_no_other(bench: Bench, desk: Desk) -> None:
    streams = [await desk.create(await desk.claire()) for _ in range(2)]
    await bench.settle()
    await bench.tools.pool.execute(
        "update notifier.work set stream_id = gen_random_uuid() where kind = 'target' and stream_id = $1", streams[0]
    )
    pass_time(bench, 60)
    await bench.make_due()
    await bench.settle()
    assert await said(desk, streams[1]) == MISSED


async def test_an_alert_that_nobody_can_write_holds_up_no_other(bench: Bench, desk: Desk, smtp: Any) -> None:
    await desk.create(await desk.claire())
    await bench.settle()
    pass_time(bench, 60)
    await bench.make_due()
    await bench.deliver(await bench.dispatch())
    await bench.follow()
    broken, *others = [row["id"] for row in await bench.rows(Kind.ALERT)]
    await bench.tools.pool.execute("update notifier.work set event_id = gen_random_uuid() where id = $1", broken)
    await bench.settle()
    assert [row["id"] for row in await bench.rows(Kind.ALERT) if row["done_at"]] == others
    assert sum("Délai" in str(mail.message["Subject"]) for mail in smtp.mails) == len(others) == 3


async def test_a_slow_server_lets_no_alert_go_out_twice(
    bench: Bench, desk: Desk, smtp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a worker is at its first mail, the time of the others passes, and another worker gets to them."""
    await desk.create(await desk.claire())
    await bench.settle()
    pass_time(bench, 60)
    hand_over, first = plain.hand_over, True

    async def slowly(*given: Any) -> None:
        nonlocal first
        if first:
            first = False
            await bench.tools.pool.execute(
                "update notifier.work set due_at = now(), lease_until = null where kind = 'alert' and id > "
                "(select min(id) from notifier.work where kind = 'alert')"
            )
            await bench.deliver(await bench.dispatch())
        await hand_over(*given)

    monkeypatch.setattr(plain, "hand_over", slowly)
    await bench.make_due()
    await bench.settle()
    assert sum("Délai" in str(mail.message["Subject"]) for mail in smtp.mails) == 4
    assert all(row["done_at"] for row in await bench.rows(Kind.ALERT))
