"""Programs that read the whole history while it grows, as reporting does: whatever breaks, they go on at their cursor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final
from uuid import UUID

import httpx
import msgspec

from tests.proof.clients import Door

_WHO: Final = "sophie.durand"
_PAGE: Final = 1000
#: Seconds between two looks at the head.
_GLANCE: Final = 0.5


class Reader:
    """Follows the feed of events, page by page.

    Args:
        door: the way in.
        query: address of the read side.

    Attributes:
        seen: ids of the events that it was given, in order.
    """

    def __init__(self, door: Door, query: str) -> None:
        self._door = door
        self._feed = f"{query}/v1/events"
        self._cursor = ""
        self.seen: list[UUID] = []

    async def follow(self, over: asyncio.Event) -> None:
        """Read until it is over, and then to the head."""
        while True:
            last = over.is_set()
            try:
                while await self._read():
                    pass
                if last:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(_GLANCE)

    async def _read(self) -> bool:
        """Read on; whether there was anything."""
        page = await self._door.get(_WHO, f"{self._feed}?limit={_PAGE}{self._after('&')}")
        for item in page["items"]:
            self._take(item)
        self._cursor = page["next"]
        return bool(page["items"])

    def _take(self, item: dict[str, Any]) -> None:
        self.seen.append(UUID(item["id"]))
        self._cursor = item["position"]

    def _after(self, mark: str) -> str:
        return f"{mark}after={self._cursor}" if self._cursor else ""


class LineReader(Reader):
    """The same, as lines to the head."""

    async def _read(self) -> bool:
        before = len(self.seen)
        async with aclosing(self._door.lines(_WHO, self._feed + self._after("?"), "application/x-ndjson")) as lines:
            async for line in lines:
                self._take(msgspec.json.decode(line))
        return len(self.seen) > before


class StreamReader(Reader):
    """The same, as server-sent events; a comment says that the head was reached and nothing came for a while."""

    async def _read(self) -> bool:
        before = len(self.seen)
        async with aclosing(self._door.lines(_WHO, self._feed + self._after("?"), "text/event-stream")) as lines:
            await self._hear(lines)
        return len(self.seen) > before

    async def _hear(self, lines: AsyncIterator[str]) -> None:
        async for line in lines:
            if line.startswith("data: "):
                self._take(msgspec.json.decode(line.removeprefix("data: ")))
            elif line.startswith(":"):
                return


#: By the form that they ask for.
READERS: Final = {"pages": Reader, "lines": LineReader, "server-sent events": StreamReader}
