"""The processes as the supervisor and an operator start them."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest

from services.query.projections import generations
from services.query.projections.registry import PROJECTIONS
from tests.integration.query.conftest import built
from tests.support.settings import service_variables
from tests.support.waiting import until

ROOT = Path(__file__).parents[3]


@pytest.fixture
def environment(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = service_variables(settings.home, settings.database_url, settings.redis_url, settings.oidc_issuer)
    return os.environ | given | {"CECOIA_PORT": str(port - 2)}


async def start(environment, *words):
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.query",
        *words,
        env=environment,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def finish(process):
    async with asyncio.timeout(60):
        out, error = await process.communicate()
    return process.returncode, out.decode(), error.decode()


async def stop(process):
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(8):
        await process.communicate()
    return process.returncode


async def test_projecting_proving_and_rebuilding(environment, journal, query_pool):
    await journal.story(5)
    _, last = await journal.create(await journal.person("claire"))
    status, _, error = await finish(await start(environment, "prove", "tracking"))
    assert status == 1
    assert "NothingToProveError" in error
    projector = await start(environment, "project")
    try:
        async with asyncio.timeout(30):
            while True:
                async with query_pool.acquire() as connection:
                    found = await generations.current(connection, "tracking")
                if found and found.position >= last.position:
                    break
                await asyncio.sleep(0.05)
        status, out, error = await finish(await start(environment, "rebuild", "tracking"))
        assert status == 0, error
        assert "tracking_2 is read" in out
        status, out, error = await finish(await start(environment, "prove", "tracking"))
        assert (status, out.splitlines()[-1]) == (0, "equal"), error
    finally:
        assert await stop(projector) == 0
    await query_pool.execute("update tracking_2.incidents set excerpt = 'autre' where number = $1", last.number)
    status, out, _ = await finish(await start(environment, "prove", "tracking"))
    assert (status, out.splitlines()[-1]) == (1, "different")
    assert last.number in out


@pytest.mark.parametrize("command", ["prove", "rebuild"])
async def test_what_was_stopped_is_no_success(environment, journal, query_pool, command):
    """Status 0 of `prove` says that both are equal, which nobody knows after half of it."""
    await built(query_pool, PROJECTIONS["tracking"])
    async with query_pool.acquire() as connection, connection.transaction():
        await connection.execute("lock journal.checkpoints")
        process = await start(environment, command, "tracking")
        await until(lambda: waits(connection))
        assert await stop(process) == 130


async def waits(connection):
    """Whether somebody waits for the lock that the test holds."""
    return await connection.fetchval(
        "select exists (select from pg_locks where not granted and relation = 'journal.checkpoints'::regclass)"
    )


async def test_serving_ends_at_once_when_told(environment, journal):
    process = await start(environment)
    base = f"http://127.0.0.1:{int(environment['CECOIA_PORT']) + 2}"
    try:
        async with httpx.AsyncClient(base_url=base, trust_env=False) as client, asyncio.timeout(30):
            while True:
                try:
                    assert (await client.get("/health/live")).status_code == 200
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
            schema = (await client.get("/schema/openapi.json")).json()
            assert "/v1/incidents/{number}/documents/{document}" in schema["paths"]
            names = [given["name"] for given in schema["paths"]["/v1/incidents"]["get"]["parameters"]]
            assert {"status", "subject", "q", "sort", "limit", "cursor", "scope", "Min-Event-Position"} <= set(names)
    finally:
        assert await stop(process) == 0
