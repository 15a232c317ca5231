"""Clients that speak slowly, or in a way that would grow: they are let go, and nobody else notices them."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Request, post

from shared.http import app, patience
from shared.http.app import build_app
from shared.http.identity import PUBLIC
from tests.support.dripping import dripped
from tests.support.serving import served

MANY = 200
HEAD = b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"


@post("/length", access=PUBLIC, status_code=200, request_max_body_size=None)
async def length(request: Request) -> int:
    return len(await request.body())


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with less time."""
    monkeypatch.setattr(patience, "HEAD", 2.0)
    monkeypatch.setattr(patience, "STILL", 2.0)


@pytest.fixture
async def address(impatience: None) -> AsyncIterator[str]:
    async with served(build_app("essai", route_handlers=[length])) as running:
        yield running


async def test_a_head_that_does_not_come_ends_the_connection(address: str) -> None:
    assert await dripped(address, b"POST /length HTTP/1.1\r\nHost: x\r\nX-Slow: ") == b""


async def test_a_connection_on_which_nothing_is_said_ends(address: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(address).port)
    async with asyncio.timeout(30):
        assert await reader.read() == b""
    writer.close()


async def test_a_body_that_drips_is_answered_and_the_connection_closed(address: str) -> None:
    answer = await dripped(address, HEAD)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"urn:cecoia:problem:slow" in answer


async def test_a_connection_is_not_kept_open_by_what_comes_after_the_answer(address: str) -> None:
    """The address does not exist, so the answer does not wait for the body, which drips on."""
    answer = await dripped(address, HEAD.replace(b"/length", b"/nowhere"))
    assert answer.startswith(b"HTTP/1.1 404 ")


async def test_many_slow_ones_do_not_hold_up_anybody(address: str) -> None:
    heads = [HEAD, b"POST /length HTTP/1.1\r\nX-Slow: "] * (MANY // 2)
    slow = [asyncio.create_task(dripped(address, head)) for head in heads]
    async with httpx.AsyncClient(base_url=address, timeout=10, trust_env=False) as client:
        while not all(task.done() for task in slow):
            assert (await client.post("/length", content=b"12345")).text == "5"
            await asyncio.sleep(0.1)
    answers = await asyncio.gather(*slow)
    assert {answer[:12] for answer in answers} <= {b"HTTP/1.1 408", b""}


async def test_a_body_that_keeps_coming_has_all_the_time_it_needs(address: str) -> None:
    """Twice as long as a body may stand still, at a modest but honest pace."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 500
            await asyncio.sleep(0.2)

    async with httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as client:
        assert (await client.post("/length", content=pieces())).text == "10000"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, identity", "GZIP"])
async def test_nothing_is_inflated(address: str, encoding: str) -> None:
    bomb = gzip.compress(b"\0" * 10_000_000)
    async with httpx.AsyncClient(base_url=address, timeout=30, trust_env=False) as client:
        answer = await client.post("/length", content=bomb, headers={"Content-Encoding": encoding})
        assert (answer.status_code, answer.json()["type"]) == (415, "urn:cecoia:problem:encoding")
        plain = await client.post("/length", content=bomb, headers={"Content-Encoding": "identity"})
        assert plain.json() == len(bomb)


def test_every_service_is_served_so(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr(app.uvicorn, "run", lambda _app, **options: given.update(options))
    monkeypatch.setattr(app.signal, "signal", lambda *_: None)
    app.run(build_app("essai", route_handlers=[length]), "127.0.0.1", 0)
    assert given["http"] is patience.PatientProtocol
    assert given["proxy_headers"] is False  # nobody says their own address
    assert given["server_header"] is False
