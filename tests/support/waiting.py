"""Waiting for what will be, and no longer than it takes."""

import asyncio
import inspect
import time
from collections.abc import Callable


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait until a condition holds; it may be a coroutine function.

    Raises:
        TimeoutError: it did not in time.
    """
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            if await found if inspect.isawaitable(found) else found:
                return
            await asyncio.sleep(0.02)


def eventually(condition: Callable[[], object], seconds: float = 60) -> None:
    """The same for tests without a loop."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
