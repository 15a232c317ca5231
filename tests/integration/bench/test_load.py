"""The load generator sends what it is told, as often as it is told, and hears what comes back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.bench.load import Plan, Result, load
from tests.support.serving import served


class Service:
    """Remembers what it was sent; answers with the same bytes, slowly and in two pieces."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, bytes]] = []
        self.status = 201

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        message = await receive()
        key = dict(scope["headers"]).get(b"idempotency-key", b"").decode()
        self.heard.append((scope["path"], key, message["body"]))
        headers = [(b"content-length", str(2 * len(message["body"])).encode())]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": message["body"], "more_body": True})
        await send({"type": "http.response.body", "body": message["body"]})


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def port(service: Service) -> AsyncIterator[int]:
    async with served(service) as address:
        yield int(address.rpartition(":")[2])


async def send(port: int, **options: Any) -> Result:
    return await load(Plan(port=port, head="POST /x HTTP/1.1\r\nA: b", body="é{}", clients=3, **options))


async def test_as_many_as_possible(service: Service, port: int) -> None:
    result = await send(port, seconds=0.3, keyed=True)
    assert 3 < result.answers <= len(service.heard) <= result.answers + 3
    assert {(path, body) for path, _, body in service.heard} == {("/x", "é{}".encode())}
    assert len({key for _, key, _ in service.heard}) == len(service.heard)
    assert 0 < result.p50 <= result.p99
    assert 0 < result.rate <= result.answers / 0.29  # a loop may wake a little early


async def test_at_a_rate(service: Service, port: int) -> None:
    result = await send(port, seconds=0.5, rate=40)
    assert result.answers == len(service.heard) == 20
    assert [body for _, body in result.answered] == ["é{}é{}"] * 20
    assert result.answered[-1][0] - result.answered[0][0] > 0.3


async def test_what_is_refused_is_no_result(service: Service, port: int) -> None:
    service.status = 503
    with pytest.raises(RuntimeError, match="refused"):
        await send(port, seconds=0.1)
