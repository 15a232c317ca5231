"""A connection that breaks at the moment at which the task that uses it is told to stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


class Breaking:
    """Stands for a pool of connections, and for a client of Redis."""

    def __init__(self) -> None:
        self.used = asyncio.Event()

    async def use(self) -> None:
        """Wait until cancelled, and hide that behind an error of the connection."""
        self.used.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise ConnectionResetError

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[None]:
        """As a pool."""
        await self.use()
        yield

    @asynccontextmanager
    async def pubsub(self, **_: Any) -> AsyncIterator[None]:
        """As Redis."""
        await self.use()
        yield


async def stops(task: asyncio.Task[Any], broken: Breaking) -> bool:
    """Whether one word is enough for a task that uses the connection."""
    async with asyncio.timeout(5):
        await broken.used.wait()
    task.cancel()
    await asyncio.wait([task], timeout=0.4)
    stopped = task.cancelled()
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
    return stopped
