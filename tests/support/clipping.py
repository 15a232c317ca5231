"""A wire to a server that breaks off in the middle of its answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import httpx


class Clipping:
    """Passes on as many bytes of each connection's answers as it is told, and then ends it.

    Attributes:
        url: where to connect to instead of the server.
        cuts: connections that were ended so.
        over: whether connections are left alone from now on.
    """

    def __init__(self, address: str, length: Callable[[], int]) -> None:
        self._port = httpx.URL(address).port
        self._length = length
        self._tasks: set[asyncio.Task[None]] = set()
        self.url = ""
        self.cuts = 0
        self.over = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Clipping]:
        """Listen while the context lasts."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = "http://{}:{}".format(*server.sockets[0].getsockname())
        try:
            yield self
        finally:
            server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        answers, asking = await asyncio.open_connection("127.0.0.1", self._port)
        passing = asyncio.create_task(_pass_on(reader, asking))
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._answer(answers, writer)
        finally:
            passing.cancel()
            asking.transport.abort()
            writer.transport.abort()
            self._tasks.discard(task)

    async def _answer(self, answers: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = self._length()
        while chunk := await answers.read(65536):
            if len(chunk) >= left and not self.over:
                writer.write(chunk[:left])
                await writer.drain()
                self.cuts += 1
                # Let go without a word to come: what was written still arrives.
                writer.close()
                await writer.wait_closed()
                return
            left -= len(chunk)
            writer.write(chunk)
            await writer.drain()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
