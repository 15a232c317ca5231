"""What all tests share: their order, and for each pytest process a real PostgreSQL and a real Redis, started when first asked for."""

import asyncio
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import redis

from deploy import postgres
from deploy import redis as redis_server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what may last longest: nothing waits for it in the end. The rest stays in its random order."""
    items.sort(key=_limit, reverse=True)


def _limit(item: pytest.Item) -> float:
    """Seconds that a test has of its own; 0 where it has what all have."""
    mark = item.get_closest_marker("timeout")
    return mark.args[0] if mark else 0


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """A short folder (sockets have a limit of 107 bytes) for data and sockets of this process's servers."""
    folder = Path(tempfile.mkdtemp(prefix="cecoia-t"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(servers_folder: Path) -> Iterator[str]:
    """Address, as owner, of the database `postgres` on a server of this pytest process; fsync is off."""
    with postgres.serving(servers_folder / "pg", servers_folder / "s", durable=False) as url:
        yield url


def database_of(postgres_url: str, name: str) -> str:
    """The same server, another database."""
    return postgres_url.replace("/postgres?", f"/{name}?")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def template_database(postgres_url: str) -> str:
    """Name of a database with every migration applied; it is copied, never written to."""
    asyncio.run(_execute(postgres_url, "CREATE DATABASE template_cecoia"))
    if importlib.util.find_spec("shared.journal.migrate"):
        url = database_of(postgres_url, "template_cecoia")
        environment = os.environ | {"CECOIA_DATABASE_URL": url, "CECOIA_HOME": "/nonexistent"}
        done = subprocess.run(
            [sys.executable, "-m", "shared.journal", "migrate"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    return "template_cecoia"


@pytest.fixture
async def database_url(postgres_url: str, template_database: str) -> AsyncIterator[str]:
    """Address, as owner, of a fresh migrated database that is dropped after the test."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_database} STRATEGY file_copy")
        yield database_of(postgres_url, name)
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def redis_server_url(servers_folder: Path) -> Iterator[str]:
    """Address of database 0 of a Redis of this pytest process."""
    with redis_server.serving(servers_folder / "redis", servers_folder / "r", durable=False) as url:
        yield url


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """Address of a Redis that is empty when the test starts."""
    with redis.Redis.from_url(redis_server_url) as client:
        client.flushall()
    return redis_server_url


@pytest.fixture
def broker_url(redis_url: str) -> str:
    """Address of the same Redis for Celery, in a database of its own."""
    return redis_url.replace("unix://", "redis+socket://").replace("?db=0", "?virtual_host=1")
