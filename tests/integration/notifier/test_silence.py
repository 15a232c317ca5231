"""A resolution that nobody answers: a reminder, then the closing, each once; whatever is said begins the wait anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from services.notifier.work.queues import Kind
from shared.events.base import Event
from shared.events.incident import (
    IncidentClosed,
    IncidentResolved,
    IncidentUpdated,
    ResolutionRefused,
)
from shared.events.notification import NotificationSent
from shared.events.vocabulary import ClosedBy, Message
from tests.integration.notifier.conftest import Bench
from tests.integration.notifier.desk import Desk

SILENT = IncidentClosed(closed_by=ClosedBy.SILENCE)


@pytest.fixture
async def resolved(bench: Bench, desk: Desk) -> UUID:
    """An incident that was resolved a moment ago, of which nothing is due."""
    nadia = await desk.nadia()
    stream = await desk.create(await desk.claire())
    await desk.take(stream, nadia)
    await desk.record(stream, IncidentResolved(by=nadia, text="Réparé."))
    await bench.settle()
    return stream


async def look(bench: Bench, days: float) -> None:
    """Look at everything, the workers' clock so many days ahead."""
    bench.tools = bench.tools._replace(now=lambda: datetime.now(UTC) + timedelta(days=days))
    await bench.make_due()
    await bench.settle()


async def reminders(desk: Desk, stream: UUID) -> int:
    sent = await desk.of_type(stream, NotificationSent)
    return sum(event.message is Message.REMINDER for event in sent)


async def closings(desk: Desk, stream: UUID) -> list[Event]:
    return await desk.of_type(stream, IncidentClosed)


async def test_reminds_then_closes_once(bench: Bench, desk: Desk, resolved: UUID, smtp: Any) -> None:
    await look(bench, 0)
    assert (await reminders(desk, resolved), await closings(desk, resolved)) == (0, [])
    await look(bench, 10)
    assert (await reminders(desk, resolved), await closings(desk, resolved)) == (1, [])
    (_, closing) = await bench.rows(Kind.SILENCE)
    assert closing["due_at"] - datetime.now(UTC) > timedelta(days=11)  # two working days after the reminder
    await look(bench, 20)
    await look(bench, 30)
    assert (await reminders(desk, resolved), await closings(desk, resolved)) == (1, [SILENT])
    assert sum("Clôture" in str(mail.message["Subject"]) for mail in smtp.mails) == 1
    assert all(row["done_at"] for row in await bench.rows(Kind.SILENCE))


async def test_whatever_is_said_begins_the_wait_anew(bench: Bench, desk: Desk, resolved: UUID) -> None:
    await look(bench, 10)
    await desk.record(resolved, IncidentUpdated(by=await desk.claire(), text="Je vérifie demain."))
    await bench.settle()
    await look(bench, 0)
    assert (await reminders(desk, resolved), await closings(desk, resolved)) == (1, [])
    await look(bench, 10)
    assert (await reminders(desk, resolved), await closings(desk, resolved)) == (2, [])
    await look(bench, 20)
    assert await closings(desk, resolved) == [SILENT]


async def test_who_answers_is_left_alone(bench: Bench, desk: Desk, resolved: UUID) -> None:
    await look(bench, 10)
    await desk.record(resolved, ResolutionRefused(by=await desk.claire(), reason="Toujours rien."))
    await bench.settle()
    await look(bench, 20)
    assert await closings(desk, resolved) == []


async def test_who_was_down_over_both_reminds_first(bench: Bench, desk: Desk, resolved: UUID) -> None:
    await look(bench, 100)
    (_, closing) = await bench.rows(Kind.SILENCE)
    assert (await reminders(desk, resolved), await closings(desk, resolved)) == (1, [])
    assert closing["due_at"] > datetime.now(UTC) + timedelta(days=101)


async def test_nobody_is_closed_where_silence_does_not_count(bench: Bench, desk: Desk, resolved: UUID) -> None:
    settings = msgspec.structs.replace(bench.tools.settings, silence_days=0)
    bench.tools = bench.tools._replace(settings=settings)
    await look(bench, 100)
    await look(bench, 200)
    assert (await reminders(desk, resolved), await closings(desk, resolved)) == (0, [])
