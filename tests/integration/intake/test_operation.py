"""Health, schema, and what happens while something that intake needs is away."""

import asyncio
import json
import os
import socket
import sys

import asyncpg
import httpx
from msgspec.structs import replace
from structlog.testing import capture_logs

from services.intake import app as service
from services.intake.app import make_app
from services.intake.seed import seed
from shared.documents import StoreFullError
from shared.journal.batcher import JournalBusy
from shared.settings import Settings
from tests.support.intake import CATALOGUE, FORM
from tests.support.serving import served
from tests.support.settings import service_variables
from tests.support.wire_cutter import WireCutter


async def test_health(client):
    assert (await client.get("/health/live")).status_code == 200
    async with asyncio.timeout(5):
        ready = await client.get("/health/ready")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"journal": True, "documents": True})
    assert "cecoia_http_requests_total" in (await client.get("/metrics")).text


async def test_the_schema_tells_bodies_and_problems(client):
    schema = (await client.get("/schema/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    create = schema["paths"]["/v1/incidents"]["post"]
    assert create["security"] == [{"bearer": []}]
    assert create["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/NewIncident"
    }
    assert set(schema["paths"]) >= {f"/v1/incidents/{{number}}/{name}" for name in ("take", "resolve", "documents")}
    for status in ("401", "403", "409", "415", "422", "429", "503"):
        assert "application/problem+json" in create["responses"][status]["content"], status


async def test_a_full_journal_asks_to_come_again(client, app, monkeypatch):
    async def busy(_):
        raise JournalBusy

    monkeypatch.setattr(app.state.desk.recorder._batcher, "append", busy)
    answer = await client.post("/v1/incidents", json=FORM)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_full_store_asks_to_come_again_later(client, app, monkeypatch):
    async def full(*_):
        raise StoreFullError

    monkeypatch.setattr(type(app.state.desk.store), "put", full)
    answer = await client.post("/v1/uploads", files=[("file", ("a.txt", b"a"))])
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert (answer.json()["type"], answer.json()["title"]) == ("urn:cecoia:problem:full", "Espace insuffisant")


async def test_what_waits_for_the_journal_is_a_metric(client, app, monkeypatch):
    monkeypatch.setattr(type(app.state.desk.recorder._batcher), "waiting", 7)
    assert "cecoia_journal_waiting 7.0" in (await client.get("/metrics")).text.splitlines()


async def test_limits_do_not_stop_the_work_when_redis_is_away(settings, provider):
    nobody = f"unix://{settings.home}/nobody.sock"
    lonely = Settings.read(service_variables(settings.home, settings.database_url, nobody, provider.issuer))
    await seed(lonely, CATALOGUE)
    async with served(make_app(lonely)) as address, httpx.AsyncClient(base_url=address) as client:
        answer = await client.post("/v1/incidents", json=FORM, headers=provider.bearer())
        assert answer.status_code == 201


async def test_connections_cut_by_the_database_are_made_again(client, settings, incidents, created):
    """The server ends every connection, as it does when it restarts; what is sent then is recorded all the same."""
    await created()
    admin = await asyncpg.connect(settings.database_url)
    ended = await admin.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cecoia intake'"
    )
    await admin.close()
    assert ended
    for attempt in range(5):
        answer = await client.post("/v1/incidents", json=FORM, headers={"Idempotency-Key": "afterwards"})
        if answer.status_code == 201:
            break
        assert answer.status_code == 503, attempt
    assert answer.status_code == 201
    assert await incidents() == 2


async def test_a_silent_wire_to_the_database_is_given_up_soon(app, settings, provider, monkeypatch):
    monkeypatch.setattr(service, "_ANSWER", 1.0)
    async with (
        WireCutter(settings.database_url).running() as wire,
        served(make_app(replace(settings, database_url=wire.url))) as address,
        httpx.AsyncClient(base_url=address, headers=provider.bearer(), timeout=15) as client,
    ):
        assert (await client.post("/v1/incidents", json=FORM)).status_code == 201
        wire.swallows = True
        assert (await client.post("/v1/incidents", json=FORM)).status_code == 503
        wire.swallows = False
        wire.cut()
        assert (await client.post("/v1/incidents", json=FORM)).status_code == 201


async def test_what_is_said_is_never_logged(client, created):
    with capture_logs() as lines:
        await created(description="Mon mot de passe est Sésame", phone="06 12 34 56 78")
        await client.post("/v1/incidents", json=FORM | {"phone": "secret-1234", "plus": "Sésame"})
    assert [line["status"] for line in lines if line["event"] == "request_answered"] == [201, 422]
    for said in ("Sésame", "secret-1234", "Claire"):
        assert said not in str(lines)


async def test_the_same_catalogue_twice_changes_nothing(settings):
    assert [await seed(settings, CATALOGUE) for _ in range(2)] == [5, 0]


async def test_the_process_serves_where_it_is_told_and_stops_when_told(settings):
    host = "127.0.0.2"  # another address of the loopback
    with socket.create_server((host, 0)) as listener:
        address = f"http://{host}:{listener.getsockname()[1]}"
    environment = os.environ | {
        "CECOIA_HOME": str(settings.home),
        "CECOIA_HOST": host,
        "CECOIA_INTAKE_URL": address,
        **{
            f"CECOIA_{name.upper()}": str(getattr(settings, name))
            for name in ("database_url", "redis_url", "broker_url", "smtp_url", "oidc_issuer")
        },
    }
    command = (sys.executable, "-m", "services.intake")
    process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.PIPE)
    try:
        async with httpx.AsyncClient(base_url=address) as client, asyncio.timeout(60):
            while not await _ready(client):
                await asyncio.sleep(0.05)
    finally:
        process.terminate()
    _, log = await asyncio.wait_for(process.communicate(), 8)
    assert process.returncode == 0
    assert {json.loads(line)["service"] for line in log.splitlines()} == {"intake"}


async def _ready(client):
    try:
        return (await client.get("/health/ready")).status_code == 200
    except httpx.TransportError:
        return False
