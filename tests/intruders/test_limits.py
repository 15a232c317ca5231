"""Limits per person hold however many processes serve; nobody gets around them by saying another address."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from deploy.demo.identity import build
from services.intake.seed import seed
from shared.settings import Settings
from tests.support.identity import IdentityProvider
from tests.support.intake import CATALOGUE, FORM
from tests.support.settings import NOWHERE
from tests.support.stack import free_ports
from tests.support.waiting import until

pytestmark = pytest.mark.slow

PROCESSES = 2
CREATES = 30


@pytest.fixture
async def doors(settings: Settings, provider: IdentityProvider) -> AsyncIterator[list[str]]:
    """Addresses of several processes of intake that share one database and one Redis."""
    await seed(settings, CATALOGUE)
    ports = [free_ports()]
    ports.append(ports[0] + 4)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CECOIA_")}
    given = {
        "CECOIA_HOME": str(settings.home),
        "CECOIA_DATABASE_URL": settings.database_url,
        "CECOIA_REDIS_URL": settings.redis_url,
        "CECOIA_BROKER_URL": settings.broker_url,
        "CECOIA_SMTP_URL": settings.smtp_url,
        "CECOIA_OIDC_ISSUER": provider.issuer,
    }
    async with AsyncExitStack() as stack:
        for port in ports:
            variables = kept | given | {"CECOIA_PORT": str(port)}
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "services.intake", env=variables, stderr=asyncio.subprocess.DEVNULL
            )
            stack.push_async_callback(end, process)
        addresses = [f"http://127.0.0.1:{port + 1}" for port in ports]
        await asyncio.gather(*map(until_ready, addresses))
        yield addresses


async def end(process: asyncio.subprocess.Process) -> None:
    process.terminate()
    async with asyncio.timeout(30):
        await process.wait()


async def until_ready(address: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:

        async def ready() -> bool:
            try:
                return (await client.get(f"{address}/health/ready")).status_code == httpx.codes.OK
            except httpx.TransportError:
                return False

        await until(ready, 100)


async def test_processes_count_together(doors: list[str], provider: IdentityProvider) -> None:
    """Neither another process, nor another token, nor another address that one claims to come from starts anew."""
    statuses: Counter[int] = Counter()
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:

        async def create(n: int) -> None:
            headers = provider.bearer(lasts=600 + n) | {"X-Forwarded-For": f"10.0.0.{n}", "X-Real-IP": f"10.0.0.{n}"}
            answer = await client.post(f"{doors[n % PROCESSES]}/v1/incidents", json=FORM, headers=headers)
            statuses[answer.status_code] += 1
            if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                assert 0 < int(answer.headers["retry-after"]) <= 60

        await asyncio.gather(*(create(n) for n in range(CREATES + 10)))
        assert statuses == {201: CREATES, 429: 10}
        other = await client.post(f"{doors[0]}/v1/incidents", json=FORM, headers=provider.bearer("hugo.petit"))
        assert other.status_code == 201


async def test_guessing_a_password_is_braked_whatever_address_is_claimed(settings: Settings) -> None:
    provider = build(Settings.read({**NOWHERE, "CECOIA_HOME": str(settings.home)}))
    form = {"grant_type": "password", "username": "claire.martin"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(provider), base_url="http://127.0.0.1:8003") as client:
        answers = [
            await client.post(
                "/token", data=form | {"password": f"guess{n}"}, headers={"X-Forwarded-For": f"10.0.0.{n}"}
            )
            for n in range(12)
        ]
        assert [answer.status_code for answer in answers] == [400] * 10 + [429] * 2
        right = await client.post("/token", data=form | {"password": "demo"})
        assert right.status_code == 429
        other = await client.post("/token", data=form | {"username": "hugo.petit", "password": "demo"})
        assert other.status_code == 200
