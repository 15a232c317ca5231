"""Speaking to a service on a real socket."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import pytest

from services.portal.upstream.http import LIMITS, Service
from tests.support.serving import served


async def endless(scope: Any, receive: Any, send: Any) -> None:
    """Answers pages at once; a stream goes on until its reader leaves."""
    if scope["type"] != "http":
        return
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    is_stream = scope["path"] == "/stream"
    await send({"type": "http.response.body", "body": b"{}", "more_body": is_stream})
    if is_stream:
        await receive()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


@pytest.mark.timeout(60)
async def test_open_streams_leave_room_for_pages() -> None:
    """As many people with a live page as there are connections for pages, and one more."""
    count = (LIMITS.max_connections or 0) + 1
    async with served(endless) as address, AsyncExitStack() as stack:
        service = Service("query", address)
        stack.push_async_callback(service.close)
        for one in asyncio.as_completed(
            [stack.enter_async_context(service.stream("/stream", {}, read_timeout=30)) for _ in range(count)]
        ):
            assert (await one).status_code == 200
        assert (await service.call("GET", "/page", {})).status_code == 200
