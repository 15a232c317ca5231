"""A real HTTP server that is sent webhooks, and can misbehave."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

#: What it does instead of answering: nothing; or it never comes to the end of its answer.
HANG = "hang"
ENDLESS = "endless"


@dataclass
class Sent:
    """A message as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


@dataclass
class Receiver:
    """Listens on 127.0.0.1. `answers` are given in order: a status, HANG or ENDLESS; after them, 204 for ever."""

    answers: list[int | str] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    location: str = ""
    port: int = 0
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/incoming?token=s3cr3t"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._open.add(task)
        try:
            await self._receive(reader, writer)
        finally:
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            self._open.discard(task)

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers["content-length"]))
            self.sent.append(Sent({"line": head[0], **headers}, body))
            await self._answer(self.answers.pop(0) if self.answers else 204, writer)

    async def _answer(self, answer: int | str, writer: asyncio.StreamWriter) -> None:
        if answer == HANG:
            await asyncio.Event().wait()
        if answer == ENDLESS:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()
        head = f"HTTP/1.1 {answer} .\r\nContent-Length: 5\r\nConnection: close\r\n"
        location = f"Location: {self.location}\r\n" if self.location else ""
        writer.write(f"{head}{location}\r\nhello".encode())
        await writer.drain()

    async def close(self) -> None:
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)


@asynccontextmanager
async def receiving(*answers: int | str, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver(list(answers))
    server = await asyncio.start_server(receiver._serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await receiver.close()
        await server.wait_closed()
