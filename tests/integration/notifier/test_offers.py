"""Programs are offered what waits for their group, again and again, until somebody takes it, and never after."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from services.notifier.offers import programs
from services.notifier.work.queues import Kind
from shared.events.base import Event, Person
from shared.events.incident import (
    IncidentCancelled,
    IncidentClosed,
    IncidentReleased,
    IncidentReopened,
    IncidentResolved,
    IncidentTaken,
    IncidentTransferred,
    ResolutionRefused,
)
from shared.events.vocabulary import ClosedBy
from shared.journal.records import Position
from tests.integration.notifier.conftest import Bench
from tests.integration.notifier.desk import Desk

QUEUE = "agents.postes"


@pytest.fixture
def broker(redis_url: str) -> Iterator[Any]:
    with redis.Redis.from_url(redis_url.replace("db=0", "db=1")) as client:
        yield client


def offers(broker: Any) -> list[dict[str, Any]]:
    """What lies in the queue: headers and keyword arguments of each message."""
    messages = [json.loads(message) for message in broker.lrange(QUEUE, 0, -1)]
    return [message["headers"] | {"kwargs": json.loads(b64decode(message["body"]))[1]} for message in messages]


async def test_the_contract(bench: Bench, desk: Desk, broker: Any) -> None:
    stream = await desk.create(await desk.claire(), subject="poste.logiciel")
    await bench.settle()
    (offer,) = offers(broker)
    routed = next(
        recorded for recorded in await desk.events(stream) if type(recorded.event).__name__ == "IncidentRouted"
    )
    assert offer["task"] == "agents.incident_routed"
    assert offer["kwargs"] == {
        "number": routed.number,
        "position": routed.position.encode(),
        "subject": "poste.logiciel",
        "urgency": "normal",
        "kind": "request",
        "group": "postes",
        "routed_at": routed.recorded_at.isoformat(),
        "url": f"http://127.0.0.1:8002/v1/incidents/{routed.number}",
    }
    assert Position.decode(offer["kwargs"]["position"]) == routed.position


async def test_groups_without_programs_get_no_messages(bench: Bench, desk: Desk, broker: Any) -> None:
    await desk.create(await desk.claire(), subject="messagerie.acces")
    await bench.settle()
    assert not [key for key in broker.keys("*") if b"agents" in key]
    assert (await bench.states())["offer.done"] == 1


async def test_what_was_fetched_is_offered_again_under_the_same_id(bench: Bench, desk: Desk, broker: Any) -> None:
    await desk.create(await desk.claire(), subject="poste.logiciel")
    await bench.settle()
    (first,) = offers(broker)
    assert await bench.tools.pool.fetchval(
        "select due_at between now() + '50 s' and now() + '61 s' from notifier.work where kind = 'offer'"
    )
    broker.delete(QUEUE)
    await bench.make_due()
    await bench.settle()
    (again,) = offers(broker)
    assert (again["id"], again["kwargs"]) == (first["id"], first["kwargs"])


async def test_what_still_lies_in_the_queue_is_not_laid_there_twice(bench: Bench, desk: Desk, broker: Any) -> None:
    await desk.create(await desk.claire(), subject="poste.logiciel")
    await bench.settle()
    await bench.make_due()
    await bench.settle()
    assert len(offers(broker)) == 1


async def test_what_was_taken_leaves_the_queue_at_once(bench: Bench, desk: Desk, broker: Any) -> None:
    claire, nadia = await desk.claire(), await desk.nadia()
    taken = await desk.create(claire, subject="poste.logiciel")
    waiting = await desk.create(claire, subject="poste.demarrage")
    await bench.settle()
    assert len(offers(broker)) == 2
    await desk.record(taken, IncidentTaken(by=nadia, group="postes"))
    await bench.settle()
    (left,) = offers(broker)
    assert left["kwargs"]["number"] == (await desk.events(waiting))[0].number


@pytest.mark.parametrize("release", [False, True])
async def test_never_after_it_was_taken(bench: Bench, desk: Desk, broker: Any, release: bool) -> None:
    nadia = await desk.nadia()
    stream = await desk.create(await desk.claire(), subject="poste.logiciel")
    await bench.settle()
    await desk.record(stream, IncidentTaken(by=nadia, group="postes"))
    if release:
        await desk.record(stream, IncidentReleased(by=nadia, group="postes"))
    await bench.settle()
    await bench.make_due()
    await bench.settle()
    assert offers(broker) == []
    assert all(row["done_at"] for row in await bench.rows(Kind.OFFER))


async def test_never_after_it_was_cancelled(bench: Bench, desk: Desk, broker: Any) -> None:
    claire = await desk.claire()
    stream = await desk.create(claire, subject="poste.logiciel")
    await bench.settle()
    await desk.record(stream, IncidentCancelled(by=claire, reason="Plus besoin."))
    await bench.settle()
    assert offers(broker) == []


def refused(claire: Person, nadia: Person) -> list[Event]:
    resolved = IncidentResolved(by=nadia, text="Réparé à distance.")
    return [resolved, ResolutionRefused(by=claire, reason="Toujours en panne.")]


def reopened(claire: Person, nadia: Person) -> list[Event]:
    closed = IncidentClosed(by=nadia, closed_by=ClosedBy.AGENT)
    return [closed, IncidentReopened(by=claire, reason="C’est revenu.")]


@pytest.mark.parametrize("way", [refused, reopened])
async def test_what_comes_back_to_nobody_is_offered_again_until_it_is_taken(
    bench: Bench, desk: Desk, broker: Any, way: Callable[[Person, Person], list[Event]]
) -> None:
    claire, nadia = await desk.claire(), await desk.nadia()
    stream = await desk.create(claire, subject="poste.logiciel")
    await bench.settle()
    (first,) = offers(broker)
    end, back = way(claire, nadia)
    await desk.record(stream, end)
    await bench.settle()
    assert offers(broker) == []
    await desk.record(stream, back)
    await bench.settle()
    (again,) = offers(broker)
    assert again["id"] != first["id"]
    assert again["kwargs"]["number"] == first["kwargs"]["number"]
    assert again["kwargs"]["group"] == "postes"
    await desk.record(stream, IncidentTaken(by=nadia, group="postes"))
    await bench.settle()
    assert offers(broker) == []
    assert all(row["done_at"] for row in await bench.rows(Kind.OFFER))


async def test_what_comes_back_to_its_agent_is_not_offered(bench: Bench, desk: Desk, broker: Any) -> None:
    claire, nadia = await desk.claire(), await desk.nadia()
    stream = await desk.create(claire, subject="poste.logiciel")
    await desk.record(stream, IncidentTaken(by=nadia, group="postes"))
    await desk.record(stream, IncidentResolved(by=nadia, text="Réparé."))
    await desk.record(stream, ResolutionRefused(by=claire, reason="Toujours en panne.", responsible=nadia.id))
    await bench.settle()
    assert offers(broker) == []


async def test_taken_while_it_is_being_offered(
    bench: Bench, desk: Desk, broker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent is faster than the message: it is taken out again in the same breath."""
    nadia = await desk.nadia()
    stream = await desk.create(await desk.claire(), subject="poste.logiciel")
    await bench.settle()
    broker.delete(QUEUE)
    await bench.make_due()
    await bench.follow()
    (message,) = [message for message in await bench.dispatch() if message[0] is Kind.OFFER]
    publish = programs.publish

    def slow(*arguments: Any) -> None:
        asyncio.run_coroutine_threadsafe(desk.record(stream, IncidentTaken(by=nadia, group="postes")), loop).result(
            timeout=5
        )
        publish(*arguments)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(programs, "publish", slow)
    await bench.deliver([message])
    assert offers(broker) == []
    await bench.settle()
    assert all(row["done_at"] for row in await bench.rows(Kind.OFFER))


async def test_the_broker_may_forget_and_be_told_again(bench: Bench, desk: Desk, broker: Any) -> None:
    await desk.create(await desk.claire(), subject="poste.logiciel")
    await bench.settle()
    broker.flushall()
    await bench.make_due()
    await bench.settle()
    assert len(offers(broker)) == 1


async def test_what_is_transferred_is_offered_to_the_other_group(bench: Bench, desk: Desk, broker: Any) -> None:
    nadia = await desk.nadia()
    stream = await desk.create(await desk.claire(), subject="messagerie.acces")
    await bench.settle()
    assert offers(broker) == []
    await desk.take(stream, nadia)
    transferred = IncidentTransferred(by=nadia, from_group="messagerie", group="postes", subject="poste.logiciel")
    await desk.record(stream, transferred)
    await bench.settle()
    (offer,) = offers(broker)
    assert (offer["kwargs"]["group"], offer["kwargs"]["subject"]) == ("postes", "poste.logiciel")


async def test_what_is_transferred_away_leaves_the_queue(bench: Bench, desk: Desk, broker: Any) -> None:
    nadia = await desk.nadia()
    stream = await desk.create(await desk.claire(), subject="poste.logiciel")
    await bench.settle()
    assert len(offers(broker)) == 1
    await desk.record(stream, IncidentTransferred(by=nadia, from_group="postes", group="messagerie"))
    await bench.settle()
    assert offers(broker) == []
    assert all(row["done_at"] for row in await bench.rows(Kind.OFFER))
