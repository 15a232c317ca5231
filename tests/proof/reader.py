"""A program that reads the whole history while it grows, as reporting does: whatever breaks, it goes on at its cursor."""

from __future__ import annotations

import asyncio
from typing import Final
from uuid import UUID

import httpx

from tests.proof.clients import Door

_WHO: Final = "sophie.durand"
_PAGE: Final = 1000
#: Seconds between two looks at the head.
_GLANCE: Final = 0.5


class Reader:
    """Follows the feed of events.

    Args:
        door: the way in.
        query: address of the read side.

    Attributes:
        seen: ids of the events that it was given, in order.
    """

    def __init__(self, door: Door, query: str) -> None:
        self._door = door
        self._feed = f"{query}/v1/events?limit={_PAGE}"
        self._cursor = ""
        self.seen: list[UUID] = []

    async def follow(self, over: asyncio.Event) -> None:
        """Read until it is over, and then to the head."""
        while True:
            last = over.is_set()
            try:
                while await self._page():
                    pass
                if last:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(_GLANCE)

    async def _page(self) -> bool:
        """Read a page; whether there was anything on it."""
        after = f"&after={self._cursor}" if self._cursor else ""
        page = await self._door.get(_WHO, self._feed + after)
        self.seen += [UUID(item["id"]) for item in page["items"]]
        self._cursor = page["next"]
        return bool(page["items"])
