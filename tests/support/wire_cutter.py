"""A wire to PostgreSQL that can be cut at the worst moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit


class WireCutter:
    """Passes everything on, until told to swallow: then questions still arrive, and answers never come back.

    While it lingers, who hears the server's last words does not hear yet that it hung up.
    """

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.swallows = False
        self.refuses = False
        self.lingers = False
        self.url = ""

    def cut(self) -> None:
        """End all connections now."""
        for writer in self._writers:
            writer.transport.abort()

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        query = parse_qs(self._target.query)
        port = self._target.port or int(query.get("port", ["5432"])[0])
        host = query.get("host", [self._target.hostname or ""])[0]
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            if self.refuses:
                return
            far_reader, far_writer = await self._dial()
            self._writers.add(far_writer)
            pumps = [
                asyncio.create_task(self._pump(reader, far_writer, answers=False)),
                asyncio.create_task(self._pump(far_reader, writer, answers=True)),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            while self.lingers:
                await asyncio.sleep(0.01)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            far_writer.transport.abort()
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        while chunk := await reader.read(65536):
            if not (answers and self.swallows):
                writer.write(chunk)
                await writer.drain()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[WireCutter]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        self.url = f"postgresql://{self._target.username or 'postgres'}@{host}:{port}{self._target.path}"
        try:
            yield self
        finally:
            server.close()
            self.cut()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await server.wait_closed()
