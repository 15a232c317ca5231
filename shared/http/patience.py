"""How long a client may take to say what it wants: many who speak slowly must not use up all connections."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from litestar.types import Receive
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.http.problems import Problem

#: Seconds that a connection may stay open without the whole head of a request.
HEAD: Final = 20.0
#: Seconds that a body may stand still.
STILL: Final = 30.0
#: Bytes a second that a body must bring on the whole; the slowest lines of schools bring twenty times as much.
RATE: Final = 1000


class PatientReceive:
    """ASGI `receive` that ends a body which comes too slowly.

    A body has `STILL` seconds to begin with; each `RATE` bytes buy one more, up to `STILL` again. Only the time in
    which we wait for the client counts.

    Args:
        receive: of the request.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._left = STILL
        self._complete = False

    async def __call__(self) -> Any:
        """The next message of the client.

        Raises:
            Problem: 408, and the connection is closed after the answer.
        """
        if self._complete:
            return await self._receive()
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._left):
                message: Any = await self._receive()
        except TimeoutError as error:
            raise Problem(408, headers={"Connection": "close"}, code="slow") from error
        self._complete = not message.get("more_body", False)
        earned = len(message.get("body", b"")) / RATE
        self._left = min(STILL, self._left - (time.monotonic() - began) + earned)
        return message


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection on which the head of a request does not arrive within `HEAD` seconds.

    uvicorn waits for ever for the first byte and for the last one of a head, and what a client goes on sending after
    an answer stops its clock for idle connections.
    """

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait()

    def on_headers_complete(self) -> None:
        """It has come."""
        self._wait_no_more()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Begin to wait for the next one, unless it has come already."""
        super().on_response_complete()
        if self.cycle.response_complete:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing comes any more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._wait_no_more()
        self._waiting = self.loop.call_later(HEAD, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
