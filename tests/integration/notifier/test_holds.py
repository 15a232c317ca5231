"""What is on hold until a date goes on by itself when the date comes, once, if it still waits for it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.notifier.holds import resuming
from services.notifier.work.queues import Kind
from shared.events.base import Event, Person
from shared.events.incident import (
    IncidentPutOnHold,
    IncidentReleased,
    IncidentResolved,
    IncidentResumed,
    IncidentTaken,
    ReplySent,
)
from shared.events.vocabulary import HoldReason
from tests.integration.notifier.conftest import Bench
from tests.integration.notifier.desk import Desk

LATER = timedelta(days=200)


async def held(desk: Desk, nadia: Person, *, until: datetime | None = None) -> tuple[UUID, datetime]:
    """An incident on hold: its stream, and until when."""
    until = until or datetime.now(UTC) + LATER
    stream = await desk.create(await desk.claire())
    await desk.take(stream, nadia)
    await desk.record(stream, IncidentPutOnHold(by=nadia, reason=HoldReason.THIRD_PARTY, until=until))
    return stream, until


async def resumed(desk: Desk, stream: UUID) -> list[Event]:
    return await desk.of_type(stream, IncidentResumed)


async def test_it_waits_for_its_date_and_does_not_grow_old_meanwhile(bench: Bench, desk: Desk) -> None:
    stream, until = await held(desk, await desk.nadia())
    await bench.settle()
    (row,) = await bench.rows(Kind.RESUME)
    assert (row["due_at"], row["attempts"], row["done_at"]) == (until, 0, None)
    assert row["give_up_at"] > until
    assert await resumed(desk, stream) == []


async def test_it_resumes_once_when_the_date_has_come(bench: Bench, desk: Desk) -> None:
    stream, _ = await held(desk, await desk.nadia())
    await bench.settle()
    await bench.make_due()
    await bench.settle()
    assert await resumed(desk, stream) == [IncidentResumed()]
    await bench.tools.pool.execute("update notifier.work set done_at = null where kind = 'resume'")
    await bench.make_due()
    await bench.settle()
    assert len(await resumed(desk, stream)) == 1
    assert all(row["done_at"] for row in await bench.rows(Kind.RESUME))


async def test_a_date_that_passed_while_all_was_down_is_made_up_for(bench: Bench, desk: Desk) -> None:
    stream, _ = await held(desk, await desk.nadia(), until=datetime.now(UTC) - timedelta(days=10))
    await bench.settle()
    assert len(await resumed(desk, stream)) == 1


@pytest.mark.parametrize(
    "end",
    [
        lambda nadia: IncidentResumed(by=nadia),
        lambda nadia: IncidentReleased(by=nadia, group="messagerie"),
        lambda nadia: IncidentResolved(by=nadia, text="Réparé."),
    ],
    ids=["resumed", "released", "resolved"],
)
async def test_a_hold_that_ended_is_left_alone(bench: Bench, desk: Desk, end: Any) -> None:
    nadia = await desk.nadia()
    stream, _ = await held(desk, nadia)
    await desk.record(stream, end(nadia))
    before = await resumed(desk, stream)
    await bench.follow()
    await bench.make_due()
    await bench.settle()
    assert await resumed(desk, stream) == before
    assert all(row["done_at"] for row in await bench.rows(Kind.RESUME))


async def test_a_later_hold_is_not_ended_by_the_date_of_an_earlier_one(bench: Bench, desk: Desk) -> None:
    nadia = await desk.nadia()
    stream, _ = await held(desk, nadia, until=datetime.now(UTC) - timedelta(days=1))
    await desk.record(
        stream,
        IncidentResumed(by=nadia),
        IncidentPutOnHold(by=nadia, reason=HoldReason.DATE, until=datetime.now(UTC) + LATER),
    )
    await bench.settle()
    assert await resumed(desk, stream) == [IncidentResumed(by=nadia)]
    await bench.make_due()
    await bench.settle()
    assert await resumed(desk, stream) == [IncidentResumed(by=nadia), IncidentResumed()]


async def test_what_is_said_meanwhile_does_not_end_a_hold(bench: Bench, desk: Desk) -> None:
    nadia = await desk.nadia()
    stream, _ = await held(desk, nadia)
    await desk.reply(stream, nadia)
    await bench.settle()
    await bench.make_due()
    await bench.settle()
    assert len(await resumed(desk, stream)) == 1


@pytest.mark.parametrize("faster", [True, False], ids=["resumed", "replied"])
async def test_somebody_writes_while_the_date_comes(
    bench: Bench, desk: Desk, monkeypatch: pytest.MonkeyPatch, faster: bool
) -> None:
    """Between reading and writing: an incident that was resumed by hand is not resumed again, another one is."""
    nadia = await desk.nadia()
    stream, _ = await held(desk, nadia)
    await bench.settle()
    record, said = resuming.record, IncidentResumed(by=nadia) if faster else ReplySent(by=nadia, text="Patience.")

    async def late(*arguments: Any, **more: Any) -> None:
        monkeypatch.undo()
        await desk.record(stream, said)
        await record(*arguments, **more)

    monkeypatch.setattr(resuming, "record", late)
    await bench.make_due()
    await bench.settle()
    assert await resumed(desk, stream) == [IncidentResumed(by=nadia) if faster else IncidentResumed()]
    assert all(row["done_at"] for row in await bench.rows(Kind.RESUME))


async def test_many_at_once_and_one_that_nobody_can_read(bench: Bench, desk: Desk) -> None:
    nadia = await desk.nadia()
    streams = [(await held(desk, nadia))[0] for _ in range(3)]
    await bench.settle()
    await bench.tools.pool.execute(
        "update notifier.work set stream_id = gen_random_uuid() where kind = 'resume' and stream_id = $1", streams[1]
    )
    await bench.make_due()
    await bench.settle()
    assert [len(await resumed(desk, stream)) for stream in streams] == [1, 0, 1]
    assert sorted(row["last_error"] or "" for row in await bench.rows(Kind.RESUME)) == ["", "", "IndexError"]


async def test_two_workers_resume_once(bench: Bench, desk: Desk) -> None:
    stream, _ = await held(desk, await desk.nadia())
    await bench.settle()
    await bench.make_due()
    ((kind, lease, ids),) = await bench.dispatch()
    assert kind is Kind.RESUME
    await asyncio.gather(*(bench.deliver([(kind, lease, ids)]) for _ in range(2)))
    assert len(await resumed(desk, stream)) == 1


async def test_a_taken_incident_is_asked_of_its_requester_by_mail(bench: Bench, desk: Desk, smtp: Any) -> None:
    nadia = await desk.nadia()
    stream = await desk.create(await desk.claire())
    await desk.record(stream, IncidentTaken(by=nadia, group="messagerie"))
    await desk.record(stream, IncidentPutOnHold(by=nadia, reason=HoldReason.REQUESTER, text="Quel poste ?"))
    await bench.settle()
    subjects = [str(mail.message["Subject"]) for mail in smtp.mails]
    assert sum("Votre réponse est attendue" in subject for subject in subjects) == 1
