"""When a known error is solved, every incident that is linked to it is resolved once, and its requester asked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notifier.knowledge import solving
from services.notifier.work.queues import Kind
from shared.events.base import Event, Person
from shared.events.incident import (
    IncidentClosed,
    IncidentResolved,
    IncidentTaken,
    KnownErrorLinked,
    ReplySent,
    ResolutionRefused,
)
from shared.events.knowledge import KnownErrorPublished, KnownErrorRetired
from shared.events.vocabulary import ClosedBy
from shared.journal.append import append
from shared.journal.records import Append, NewEvent, Series
from tests.integration.notifier.conftest import Bench
from tests.integration.notifier.desk import Desk

TEXT = "Le serveur d’envoi est réparé."


async def recorded(desk: Desk, stream: UUID, event: Event, series: Series | None = None) -> str:
    """Appends one event; gives the number of its stream."""
    new = NewEvent(event_id=uuid4(), event=event)
    command = Append(stream_id=stream, events=(new,), recorded_at=datetime.now(UTC), series=series)
    async with desk.pool.acquire() as connection:
        (outcome,) = await append(connection, [command], desk.vault)
    assert outcome.number
    return outcome.number


class Error:
    """A known error: its stream and number."""

    def __init__(self, desk: Desk, nadia: Person) -> None:
        self.desk, self.nadia, self.stream, self.number = desk, nadia, uuid4(), ""

    async def publish(self) -> Error:
        event = KnownErrorPublished(
            number="", by=self.nadia, title="Code 535", symptoms="…", workaround="…", subjects=["messagerie.envoi"]
        )
        self.number = await recorded(self.desk, self.stream, event, Series.KNOWN_ERROR)
        return self

    async def linked(self) -> UUID:
        """A new incident that is linked to it, and that nobody has taken."""
        stream = await self.desk.create(await self.desk.claire())
        await self.desk.record(stream, KnownErrorLinked(by=self.nadia, known_error=self.number))
        return stream

    async def retire(self, *, solved: bool = True) -> KnownErrorRetired:
        event = KnownErrorRetired(number=self.number, by=self.nadia, text=TEXT, solved=solved)
        await recorded(self.desk, self.stream, event)
        return event


@pytest.fixture
async def nadia(desk: Desk) -> Person:
    return await desk.nadia()


@pytest.fixture
async def error(desk: Desk, nadia: Person) -> Error:
    return await Error(desk, nadia).publish()


async def resolutions(desk: Desk, stream: UUID) -> list[Event]:
    return await desk.of_type(stream, IncidentResolved)


async def test_each_linked_incident_is_resolved_once_and_asked(
    bench: Bench, desk: Desk, error: Error, nadia: Person, smtp: Any
) -> None:
    streams = [await error.linked() for _ in range(3)]
    other = await desk.create(await desk.claire())
    await error.retire()
    await bench.settle()
    expected = IncidentResolved(by=nadia, text=TEXT, known_error=error.number)
    assert [await resolutions(desk, stream) for stream in streams] == [[expected]] * 3
    assert await resolutions(desk, other) == []
    subjects = [str(mail.message["Subject"]) for mail in smtp.mails]
    assert sum("Résolution" in subject for subject in subjects) == 3
    await bench.tools.pool.execute("update notifier.work set done_at = null where kind in ('spread', 'solve')")
    await bench.make_due()
    await bench.settle()
    assert [len(await resolutions(desk, stream)) for stream in streams] == [1] * 3
    assert len(await bench.rows(Kind.SOLVE)) == 3


async def test_what_was_published_by_mistake_resolves_nothing(bench: Bench, desk: Desk, error: Error) -> None:
    stream = await error.linked()
    await error.retire(solved=False)
    await bench.settle()
    assert await resolutions(desk, stream) == []
    assert await bench.rows(Kind.SPREAD) == []


async def test_what_ended_is_left_alone_and_what_was_taken_is_resolved(
    bench: Bench, desk: Desk, error: Error, nadia: Person
) -> None:
    taken, closed, resolved = [await error.linked() for _ in range(3)]
    await desk.record(taken, IncidentTaken(by=nadia, group="messagerie"))
    await desk.record(closed, IncidentClosed(by=nadia, closed_by=ClosedBy.AGENT))
    await desk.record(resolved, IncidentResolved(by=nadia, text="Autrement."))
    await error.retire()
    await bench.settle()
    assert [len(await resolutions(desk, stream)) for stream in (taken, closed, resolved)] == [1, 0, 1]
    assert all(row["done_at"] for row in await bench.rows(Kind.SOLVE))


async def test_a_refused_resolution_is_not_repeated(bench: Bench, desk: Desk, error: Error) -> None:
    stream = await error.linked()
    await error.retire()
    await bench.settle()
    await desk.record(stream, ResolutionRefused(by=await desk.claire(), reason="Toujours le code 535."))
    await bench.tools.pool.execute("update notifier.work set done_at = null where kind = 'solve'")
    await bench.make_due()
    await bench.settle()
    assert len(await resolutions(desk, stream)) == 1


async def test_two_known_errors_of_one_incident_solved_at_once(
    bench: Bench, desk: Desk, error: Error, nadia: Person
) -> None:
    stream, second = await error.linked(), await Error(desk, nadia).publish()
    await desk.record(stream, KnownErrorLinked(by=nadia, known_error=second.number))
    await error.retire()
    await second.retire()
    await bench.settle()
    assert len(await resolutions(desk, stream)) == 1
    assert all(row["done_at"] for row in await bench.rows(Kind.SOLVE))


@pytest.mark.parametrize("ends", [True, False], ids=["closed", "replied"])
async def test_somebody_writes_at_the_same_moment(
    bench: Bench, desk: Desk, error: Error, nadia: Person, *, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    """Between reading and writing: what was closed is left alone, what was answered is resolved all the same."""
    stream = await error.linked()
    record = solving.record
    said = IncidentClosed(by=nadia, closed_by=ClosedBy.AGENT) if ends else ReplySent(by=nadia, text="Patience.")

    async def late(*arguments: Any, **more: Any) -> None:
        if arguments[1]:
            monkeypatch.undo()
            await desk.record(stream, said)
        await record(*arguments, **more)

    monkeypatch.setattr(solving, "record", late)
    await error.retire()
    await bench.settle()
    assert len(await resolutions(desk, stream)) == (0 if ends else 1)
    assert all(row["done_at"] for row in await bench.rows(Kind.SOLVE))


async def test_one_that_nobody_can_read_holds_up_no_other(bench: Bench, desk: Desk, error: Error) -> None:
    streams = [await error.linked() for _ in range(3)]
    await error.retire()
    await bench.follow()
    await bench.deliver(await bench.dispatch())
    await bench.tools.pool.execute(
        "update notifier.work set stream_id = gen_random_uuid() where kind = 'solve' and stream_id = $1", streams[1]
    )
    await bench.settle()
    assert [len(await resolutions(desk, stream)) for stream in streams] == [1, 0, 1]
    assert sorted(row["last_error"] or "" for row in await bench.rows(Kind.SOLVE)) == ["", "", "IndexError"]


async def test_two_workers_solve_once(bench: Bench, desk: Desk, error: Error) -> None:
    stream = await error.linked()
    await error.retire()
    await bench.follow()
    await bench.deliver(await bench.dispatch())
    messages = [one for one in await bench.dispatch() if one[0] is Kind.SOLVE]
    await asyncio.gather(*(bench.deliver(messages) for _ in range(2)))
    assert len(await resolutions(desk, stream)) == 1


async def test_links_are_found_by_their_index(bench: Bench) -> None:
    """The plan does not walk through the journal, however long it is."""
    async with bench.tools.pool.acquire() as connection, connection.transaction():
        await connection.execute("set local enable_seqscan = off")
        rows = await connection.fetch(
            "explain select distinct e.stream_id, e.number from journal.events e "
            "where e.type = 'KnownErrorLinked' and e.data ->> 'known_error' = 'E181106_0001'"
        )
    plan = "\n".join(row[0] for row in rows)
    assert "Index Cond: ((data ->> 'known_error'" in plan
