"""A wire between a program and a server that misbehaves when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

_CHUNK: Final = 65536


class End(NamedTuple):
    """One end of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


Dial = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Proxy:
    """Listens on a port of the loopback and passes on what is said, both ways.

    Args:
        dial: connects to the server.

    Attributes:
        port: where it listens.
        delay: seconds for which each piece is held up.
        swallows: whatever is said on connections that are used meanwhile gets lost, then and ever after: neither side
            is told, as when a router between them forgot the connection.
        tears: each connection ends in the middle of the next piece.
    """

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self._open: set[_Connection] = set()
        self.port = 0
        self.delay = 0.0
        self.swallows = False
        self.tears = False

    def cut(self) -> None:
        """End all connections now."""
        for connection in list(self._open):
            connection.abort()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Proxy]:
        """Listen inside an `async with` block."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            while self._open:
                self.cut()
                await asyncio.sleep(0.01)
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        near = End(reader, writer)
        try:
            far = End(*await self._dial())
        except OSError:
            writer.transport.abort()
            return
        connection = _Connection(self, near, far)
        self._open.add(connection)
        try:
            await connection.run()
        finally:
            self._open.discard(connection)


class _Connection:
    def __init__(self, proxy: Proxy, near: End, far: End) -> None:
        self._proxy = proxy
        self._near, self._far = near, far
        self._lost = False

    def abort(self) -> None:
        for end in (self._near, self._far):
            end.writer.transport.abort()

    async def run(self) -> None:
        """Pass on until either side ends."""
        ways = ((self._near.reader, self._far.writer), (self._far.reader, self._near.writer))
        pumps = [asyncio.create_task(self._pump(*way)) for way in ways]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                if self._proxy.delay:
                    await asyncio.sleep(self._proxy.delay)
                self._lost = self._lost or self._proxy.swallows
                if self._proxy.tears:
                    writer.write(chunk[: len(chunk) // 2])
                    await writer.drain()
                    return
                if not self._lost:
                    writer.write(chunk)
                    await writer.drain()
            await self._last_words(writer)

    async def _last_words(self, writer: asyncio.StreamWriter) -> None:
        """What was written reaches the other side before it hears of the end."""
        writer.close()
        await writer.wait_closed()
