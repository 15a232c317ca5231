"""Hints through Redis that something happened. They may get lost: whoever listens also looks by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from shared.database import stay_cancelled
from shared.logs import logger

_log = logger(__name__)
#: Seconds: how long wake-ups are gathered into one, how long to wait before Redis is tried again, and how often a
#: silent connection is asked whether it still lives.
_GATHER: Final = 0.005
_AGAIN: Final = 0.5
_ALIVE: Final = 5.0
#: The channel on which whoever appends rings.
JOURNAL: Final = "journal"
_AWAY: Final = (RedisError, OSError, TimeoutError)


class Messages:
    """Short messages on named channels of Redis, to whoever listens at that moment."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(
            redis_url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=2,
            socket_timeout=_ALIVE * 2,
            health_check_interval=_ALIVE,
        )

    async def publish(self, channel: str, message: bytes) -> bool:
        """Send a message; False when Redis is away."""
        try:
            await self._redis.publish(channel, message)
        except _AWAY:
            stay_cancelled()
            return False
        return True

    async def subscribe(self, channel: str, *, lapse: bytes | None = None) -> AsyncIterator[bytes]:
        """What is published on a channel from now on, for ever; connects again when Redis comes back.

        Args:
            channel: name of the channel.
            lapse: given at each (re)connection, after which messages may have been missed; None gives nothing.
        """
        told = False
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as listener:
                    await listener.subscribe(channel)
                    told = False
                    if lapse is not None:
                        yield lapse
                    while True:
                        message = await listener.get_message(timeout=_ALIVE)
                        if message is not None:
                            yield message["data"]
            except _AWAY as error:
                stay_cancelled()
                if not told:
                    _log.warning("wakeups_lost", channel=channel, error=type(error).__name__)
                    told = True
                await asyncio.sleep(_AGAIN)

    async def close(self) -> None:
        """Give the connections back."""
        await self._redis.aclose()


class Wakeups:
    """A bell between processes: `notify` rings it, `wait` hears it.

    An async context manager, for one waiter: two followers need two of them.
    """

    def __init__(self, redis_url: str, channel: str = JOURNAL) -> None:
        self._messages = Messages(redis_url)
        self._channel = channel
        self._rung = False
        self._heard = asyncio.Event()
        self._ringing: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def notify(self) -> None:
        """Ring soon; returns at once. Many calls within a few milliseconds ring once."""
        self._rung = True
        if self._ringing is None or self._ringing.done():
            self._ringing = asyncio.create_task(self._ring())

    async def wait(self, timeout: float) -> bool:  # noqa: ASYNC109 - the timeout is the purpose
        """Wait for a ring since the last call.

        Args:
            timeout: seconds.

        Returns:
            Whether there was one; False means that the time is over.
        """
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        try:
            async with asyncio.timeout(timeout):
                await self._heard.wait()
        except TimeoutError:
            return False
        self._heard.clear()
        return True

    async def close(self) -> None:
        """Ring what is still to be rung, then let go."""
        if self._ringing is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ringing, _AGAIN)
        while self._listening is not None and not self._listening.done():
            # Again and again: the client turns a cancellation in the middle of connecting into a failed connection.
            self._listening.cancel()
            await asyncio.wait({self._listening}, timeout=_AGAIN)
        await self._messages.close()

    async def _ring(self) -> None:
        while self._rung:
            self._rung = False
            await self._messages.publish(self._channel, b"")
            await asyncio.sleep(_GATHER)

    async def _listen(self) -> None:
        async for _ in self._messages.subscribe(self._channel, lapse=b""):
            self._heard.set()
