"""Three hundred creates while every service is killed in turn: nothing is lost, nothing happens twice."""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.integration.deploy.conftest import Running, Start
from tests.support.mails import mails
from tests.support.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

CREATES, AT_ONCE, PATIENCE = 300, 12, 120
#: Seconds between two forms of one sender, so that the burst lasts as long as the killing.
PAUSE = 0.35
VICTIMS = ("intake", "relay", "worker", "query", "projector", "portal", "intake", "worker")
PEOPLE = ("claire.martin", "hugo.petit")
AFFECTED = ("IncidentCreated", "IncidentRouted", "ConfirmationSent")


async def tokens(running: Running) -> dict[str, str]:
    async with httpx.AsyncClient() as client:
        found = {}
        for name in (*PEOPLE, "sophie.durand"):
            form = {"grant_type": "password", "username": name, "password": "demo"}
            answer = await client.post(f"http://127.0.0.1:{running.stack.port + 3}/token", data=form)
            found[name] = answer.json()["access_token"]
        return found


async def create(client: httpx.AsyncClient, token: str, rank: int) -> str:
    """Send one form until it is acknowledged, as a good client does: the same key each time. Gives the number."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())}
    form = {
        "phone": "01 23 45 67 89",
        "subject": "reseau.wifi",
        "availability": "toujours",
        "urgency": "low",
        "description": f"Rafale {rank}",
    }
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            answer = await client.post("/v1/incidents", json=form, headers=headers)
        except httpx.TransportError:
            await asyncio.sleep(0.2)
            continue
        if answer.status_code == 201:
            return str(answer.json()["number"])
        assert answer.status_code in {429, 502, 503}, answer.text
        await asyncio.sleep(float(answer.headers.get("retry-after", "0.2")))
    raise AssertionError(f"form {rank} was never acknowledged")


async def kill_in_turn(running: Running) -> None:
    for name in VICTIMS:
        while name not in running.children():
            await asyncio.sleep(0.1)
        running.children()[name].kill()
        await asyncio.sleep(1.0)


async def burst(running: Running, known: dict[str, str]) -> list[str]:
    gate = asyncio.Semaphore(AT_ONCE)
    intake = f"http://127.0.0.1:{running.stack.port + 1}"
    async with httpx.AsyncClient(base_url=intake, timeout=20) as client:

        async def one(rank: int) -> str:
            async with gate:
                await asyncio.sleep(PAUSE)
                return await create(client, known[PEOPLE[rank % 2]], rank)

        numbers, _ = await asyncio.gather(asyncio.gather(*map(one, range(CREATES))), kill_in_turn(running))
    return numbers


async def feed(running: Running, token: str) -> AsyncIterator[dict[str, Any]]:
    """Every event of the history, page by page, as reporting reads it."""
    query = f"http://127.0.0.1:{running.stack.port + 2}"
    async with httpx.AsyncClient(base_url=query, timeout=20, headers={"Authorization": f"Bearer {token}"}) as client:
        after = None
        while True:
            answer = await client.get("/v1/events", params={"limit": 100} | ({"after": after} if after else {}))
            page = answer.raise_for_status().json()
            for item in page["items"]:
                yield item
            if not page["items"]:
                return
            after = page["next"]


async def told(running: Running, token: str) -> Counter[tuple[str, str]]:
    """How often each kind of event stands in the history of each incident."""
    return Counter([(item["type"], item["number"]) async for item in feed(running, token) if item["type"] in AFFECTED])


async def settled(running: Running, token: str, numbers: list[str]) -> Counter[tuple[str, str]]:
    """The history once everything was routed and confirmed."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            counts = await told(running, token)
        except httpx.HTTPError:
            counts = Counter()
        if all(counts[kind, number] for kind in AFFECTED for number in numbers):
            return counts
        assert time.monotonic() < end, Counter(kind for kind, _ in counts)
        await asyncio.sleep(0.5)


async def test_a_burst_survives_the_death_of_every_service(start: Start) -> None:
    running = start()
    await asyncio.to_thread(running.wait_ready)
    known = await tokens(running)

    numbers = await burst(running, known)
    assert len(set(numbers)) == CREATES
    counts = await settled(running, known["sophie.durand"], numbers)

    assert set(counts.values()) == {1}
    assert {number for _, number in counts} == set(numbers)
    sent: dict[str, set[str]] = {}
    for message in mails(running.stack.home):
        sent.setdefault(message["X-CeCoIA-Incident"], set()).add(message["Message-ID"])
    assert sent.keys() == set(numbers)
    assert {len(ids) for ids in sent.values()} == {1}
    # the projector may have been killed last
    await until(lambda: all_tracked(running, known), PATIENCE)


async def all_tracked(running: Running, known: dict[str, str]) -> bool:
    """Whether the tracking views of the requesters count every incident."""
    query = f"http://127.0.0.1:{running.stack.port + 2}"
    total = 0
    async with httpx.AsyncClient(base_url=query, timeout=20) as client:
        for name in PEOPLE:
            answer = await client.get("/v1/incidents", headers={"Authorization": f"Bearer {known[name]}"})
            total += int(answer.raise_for_status().json()["total"])
    assert total <= CREATES
    return total == CREATES
