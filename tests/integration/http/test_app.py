"""What every HTTP service answers by itself."""

from __future__ import annotations

import asyncio
import json

import asyncpg
import httpx
import pytest
from litestar import get, post
from litestar.params import FromPath, FromQuery
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.events.vocabulary import Role
from shared.http import away
from shared.http.app import build_app
from shared.http.identity import PUBLIC, SIGNED_IN, TokenVerifier, require
from shared.settings import Settings
from tests.support.identity import serving
from tests.support.serving import served
from tests.support.settings import NOWHERE


@pytest.fixture(scope="module")
def provider():
    with serving() as running:
        yield running


@pytest.fixture
def settings(provider, tmp_path):
    return Settings.read({"CECOIA_HOME": str(tmp_path), "CECOIA_OIDC_ISSUER": provider.issuer, **NOWHERE})


@get("/boom", access=PUBLIC)
async def boom() -> None:
    raise RuntimeError("the secret of Claire")


@get("/broken/{how:str}", access=PUBLIC)
async def broken(how: FromPath[str]) -> None:
    raise {
        "closed": asyncpg.InterfaceError("connection is closed"),
        "argument": asyncpg.DataError("invalid input for query argument $1"),
        "twice": asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
    }[how]


@get("/slow", access=PUBLIC)
async def slow() -> None:
    await asyncio.sleep(3600)


@get("/count", access=PUBLIC)
async def count(limit: FromQuery[int]) -> int:
    return limit


@post("/mine", access=SIGNED_IN)
async def mine() -> str:
    return "à moi"


@get("/agents", access=require(Role.AGENT, Role.SUPERVISOR))
async def agents() -> str:
    return "entre nous"


async def _no(_state) -> bool:
    raise OSError


@pytest.fixture
async def client(settings):
    app = build_app(
        "essai",
        route_handlers=[boom, broken, count, mine, agents],
        checks={"journal": _no},
        exception_handlers=away.HANDLERS,
    )
    app.state.verifier = TokenVerifier(settings)
    async with served(app) as address, httpx.AsyncClient(base_url=address) as speaking:
        yield speaking
    await app.state.verifier.close()


def problem(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail", "errors"}
    assert answer.json()["status"] == answer.status_code
    return answer.status_code


async def test_errors_are_problems(client):
    assert problem(await client.get("/nowhere")) == 404
    assert problem(await client.get("/nowhere/%00%ff")) == 404
    assert problem(await client.post("/boom")) == 405
    answer = await client.get("/count?limit=beaucoup")
    assert problem(answer) == 422
    assert answer.json()["errors"] == [{"field": "limit", "message": "Cette valeur n’est pas correcte."}]


async def test_faults_tell_nothing_and_are_logged(client):
    with capture_logs() as lines:
        answer = await client.get("/boom")
    (line,) = [line for line in lines if line["event"] == "request_failed"]
    assert (line["log_level"], line["error"]) == ("error", "RuntimeError")
    assert problem(answer) == 500
    assert "Claire" not in answer.text
    assert "RuntimeError" not in answer.text


@pytest.mark.parametrize(("how", "status"), [("closed", 503), ("argument", 500), ("twice", 500)])
async def test_only_a_database_that_is_away_is_worth_another_try(client, how, status):
    with capture_logs() as lines:
        answer = await client.get(f"/broken/{how}")
    assert problem(answer) == status
    assert ("retry-after" in answer.headers) == (status == 503)
    assert ("request_failed" in {line["event"] for line in lines}) == (status == 500)


async def test_requests_are_known_by_their_identifier(client):
    given = await client.get("/health/live", headers={"X-Request-Id": "abc-12345678"})
    assert given.headers["x-request-id"] == "abc-12345678"
    for bad in ("a b", "x" * 100, "é".encode("latin-1"), "<script>"):
        made = await client.get("/health/live", headers={"X-Request-Id": bad})
        assert len(made.headers["x-request-id"]) == 32
    assert (await client.get("/nowhere")).headers["x-request-id"]
    assert given.headers["x-content-type-options"] == "nosniff"


async def test_health_tells_what_is_missing(client):
    assert (await client.get("/health/live")).status_code == 200
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "not_ready", "checks": {"journal": False}})


async def test_requests_are_counted_by_route(client):
    def counted(route, status):
        labels = {"method": "GET", "route": route, "status": status}
        return REGISTRY.get_sample_value("cecoia_http_requests_total", labels) or 0

    before = counted("/count", "200"), counted("unknown", "404")
    await client.get("/count?limit=1")
    await client.get("/nowhere")
    assert (counted("/count", "200"), counted("unknown", "404")) == (before[0] + 1, before[1] + 1)
    metrics = await client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert 'route="/count"' in metrics.text


async def test_the_schema_is_browsable_without_any_outside_address(client):
    page = await client.get("/schema")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "http" not in page.text
    for file in ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png", "start.js"):
        assert f"/schema/files/{file}" in page.text
        assert (await client.get(f"/schema/files/{file}")).status_code == 200
    assert problem(await client.get("/schema/files/package.json")) == 404
    schema = json.loads((await client.get("/schema/openapi.json")).content)
    assert set(schema["paths"]) == {"/boom", "/broken/{how}", "/count", "/mine", "/agents"}
    assert schema["paths"]["/boom"]["get"]["security"] == []
    assert schema["paths"]["/mine"]["post"]["security"] == [{"bearer": []}]


async def test_routes_are_held_to_their_access(client, provider):
    assert problem(await client.post("/mine")) == 401
    assert (await client.post("/mine", headers=provider.bearer())).status_code == 201
    assert problem(await client.get("/agents", headers=provider.bearer())) == 403
    assert (await client.get("/agents", headers=provider.bearer("nadia.benali"))).status_code == 200
    assert (await client.get("/agents", headers=provider.bearer("sophie.durand"))).status_code == 200
    assert (await client.options("/mine")).status_code == 204


def test_a_route_that_does_not_say_who_may_call_it_is_not_served():
    @get("/forgotten")
    async def forgotten() -> None: ...

    with pytest.raises(ValueError, match="/forgotten"):
        build_app("essai", route_handlers=[forgotten])


async def test_who_still_waits_at_the_end_is_told_to_ask_again() -> None:
    async with httpx.AsyncClient() as client:
        async with served(build_app("essai", route_handlers=[slow])) as address:
            asking = asyncio.create_task(client.get(f"{address}/slow", timeout=20))
            while not REGISTRY.get_sample_value("cecoia_http_requests_running"):
                await asyncio.sleep(0.01)
        answer = await asking
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["type"] == "urn:cecoia:problem:unavailable"
