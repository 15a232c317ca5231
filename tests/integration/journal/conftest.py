"""A journal of its own for each test, and connections to it as the services have them."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from shared.database import Connection, Pool, connect_pool
from shared.events.base import Person
from shared.journal.sealing import Vault
from tests.support.history import person

ISSUER = "https://identity.test"


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """As intake."""
    opened = await connect_pool(database_url, "cecoia_intake", name="tests intake", size=12)
    yield opened
    await opened.close()


@pytest.fixture
async def reader_pool(database_url: str) -> AsyncIterator[Pool]:
    """As query, which follows."""
    opened = await connect_pool(database_url, "cecoia_query", name="tests query", size=6)
    yield opened
    await opened.close()


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    async with pool.acquire() as one:
        yield one


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Connection]:
    """As the owner of the database, who may do everything that can be done."""
    one = await asyncpg.connect(database_url)
    yield one
    await one.close()


@pytest.fixture
def vault(pool: Pool) -> Vault:
    return Vault(pool)


@pytest.fixture
async def aude(vault: Vault) -> Person:
    return person(
        await vault.person(issuer=ISSUER, sub="aude", name="SOURCE, Aude", email="aude.source@cecoia.example")
    )
