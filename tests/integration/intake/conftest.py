"""The write side on a fresh database, spoken to over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar

from services.intake.app import make_app
from services.intake.seed import seed
from shared.database import connect_pool
from shared.events.base import Event
from shared.journal.read import read_stream_by_number
from shared.journal.sealing import Vault
from shared.settings import Settings
from tests.support.identity import IdentityProvider
from tests.support.intake import CATALOGUE, FORM, one_provider  # noqa: F401
from tests.support.post import Door, post_server
from tests.support.serving import served
from tests.support.settings import service_variables

RETIRED = '[subject."ancien"]\nlabel = "Ancien objet"\nkind = "incident"\ngroup = "reseau"\n'


@pytest.fixture
def settings(database_url: str, redis_url: str, provider: IdentityProvider, tmp_path: Path) -> Settings:
    limits = {"CECOIA_DOCUMENT_SIZE": "200000", "CECOIA_DOCUMENTS_PER_INCIDENT": "3"}
    return Settings.read(service_variables(tmp_path, database_url, redis_url, provider.issuer) | limits)


@pytest.fixture
async def app(settings: Settings) -> Litestar:
    await seed(settings, CATALOGUE + RETIRED)
    await seed(settings, CATALOGUE)
    return make_app(settings)


@pytest.fixture
def app_at(app: Litestar, settings: Settings) -> Callable[[Callable[[], datetime]], AbstractAsyncContextManager[str]]:
    """Serves another one that reads this clock; gives its address."""
    return lambda now: served(make_app(settings, now))


@pytest.fixture
async def address(app: Litestar) -> AsyncIterator[str]:
    async with served(app) as running:
        yield running


@pytest.fixture
async def client(address: str, provider: IdentityProvider) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks as Claire Martin unless told otherwise."""
    async with httpx.AsyncClient(base_url=address, headers=provider.bearer()) as speaking:
        yield speaking


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[asyncpg.Pool]:
    opened = await connect_pool(settings.database_url, "cecoia_intake", name="test", size=2)
    yield opened
    await opened.close()


@pytest.fixture
def history(pool: asyncpg.Pool) -> Callable[[str], Awaitable[list[Event]]]:
    """The events of an incident, in the clear."""

    async def read(number: str) -> list[Event]:
        async with pool.acquire() as connection:
            stored = await read_stream_by_number(connection, number)
        return [one.event for one in await Vault(pool).unseal(stored)]

    return read


@pytest.fixture
def incidents(pool: asyncpg.Pool) -> Callable[[], Awaitable[int]]:
    """How many events incidents have, all together."""

    async def count() -> int:
        return await pool.fetchval("SELECT count(*) FROM journal.events WHERE number IS NOT NULL")

    return count


@pytest.fixture
def created(client: httpx.AsyncClient) -> Callable[..., Awaitable[str]]:
    """Records an incident and gives its number."""

    async def create(**changes: Any) -> str:
        answer = await client.post("/v1/incidents", json=FORM | changes)
        assert answer.status_code == 201, answer.text
        return answer.json()["number"]

    return create


@pytest.fixture
async def sophie(address, provider):
    async with httpx.AsyncClient(base_url=address, headers=provider.bearer("sophie.durand")) as speaking:
        yield speaking


@pytest.fixture
def ended(created, sophie):
    """Records an incident that is cancelled at once, and gives its number."""

    async def create(**changes):
        number = await created(**changes)
        assert (await sophie.post(f"/v1/incidents/{number}/cancel", json={"text": "Erreur"})).status_code == 201
        return number

    return create


@pytest.fixture
async def post(settings: Settings, app: Litestar) -> AsyncIterator[Door]:
    """A server that takes mail in; the catalogue stands."""
    async with post_server(settings) as door:
        yield door


@pytest.fixture
def numbers(pool: asyncpg.Pool) -> Callable[[], Awaitable[list[str]]]:
    """Numbers of all incidents, oldest first."""

    async def read() -> list[str]:
        rows = await pool.fetch("SELECT number FROM journal.streams WHERE number IS NOT NULL ORDER BY origin")
        return [row["number"] for row in rows]

    return read
