"""The history as a stream: as lines to the head, or as server-sent events that go on for ever.

A stream reads its next page when its reader has taken the last one: how slow a reader is costs no memory, and no
connection to the database waits with it.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Final

import asyncpg
import msgspec

from services.query.feed.asking import Asked
from services.query.feed.reading import History, Line, Page, past
from shared.database import AWAY, stay_cancelled
from shared.http.identity import Caller
from shared.http.problems import Problem, unavailable
from shared.logs import logger
from shared.wakeups import JOURNAL, Messages

#: Streams that are open at once: in a process, and of one caller in it.
MOST_OPEN: Final = 64
MOST_OF_ONE: Final = 8
#: Seconds: until a comment is sent when there was nothing to say, between two looks when nothing rings, at least
#: between two looks however much rings, and until a refused reader may try again.
HEARTBEAT: Final = 15.0
POLL: Final = 1.0
BREATH: Final = 0.1
_AGAIN: Final = 10

_log = logger(__name__)
_encoder = msgspec.json.Encoder()


class Streams:
    """All streams that a process has open, what wakes them, and how they end."""

    def __init__(self, messages: Messages, history: History) -> None:
        self._messages, self._history = messages, history
        self._open: Counter[str] = Counter()
        self._rung = asyncio.Event()
        self._closed = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Hear what is appended while the context lasts."""
        task = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            self.close()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def close(self) -> None:
        """End the streams that would go on for ever, and let no other begin."""
        self._closed = True
        self._ring()

    def refuse_more(self, caller: Caller) -> None:
        """To be called before a stream is begun.

        Raises:
            Problem: 429 where the caller has enough of them, 503 where the process has, or is about to end.
        """
        if self._closed:
            raise unavailable(_AGAIN)
        self._refuse_too_many(caller)

    def _refuse_too_many(self, caller: Caller) -> None:
        if self._open[caller.sub] >= MOST_OF_ONE:
            words = "Vous suivez déjà trop de flux à la fois. Fermez-en un avant d’en ouvrir un autre."
            raise Problem(429, detail=words, headers={"Retry-After": str(_AGAIN)}, code="too-many")
        if self._open.total() >= MOST_OPEN:
            raise unavailable(_AGAIN, "Trop de flux sont ouverts en ce moment.")

    async def lines(self, first: Page, asked: Asked, caller: Caller) -> AsyncIterator[bytes]:
        """One JSON line an event, from the first page up to the limit or the head; `position` resumes after a line."""
        page = first
        with self._counted(caller):
            while True:
                if page.items:
                    yield _encoder.encode_lines(page.items)
                asked = past(asked, page)
                if not page.more or asked.limit == 0:
                    return
                page = await self._history.read(asked)

    async def events(self, asked: Asked, caller: Caller) -> AsyncIterator[bytes]:
        """Server-sent events up to the limit, for as long as the caller's token holds; their ids are cursors."""
        loop = asyncio.get_running_loop()
        until = loop.time() + caller.expires_at - time.time()
        silence = loop.time() + HEARTBEAT
        with self._counted(caller):
            yield b"retry: 2000\n\n"
            while not self._closed and asked.limit != 0 and loop.time() < until:
                rung = self._rung  # a ring from here on is not missed
                page = await self._read(asked)
                asked = past(asked, page)
                if page.items or loop.time() >= silence:
                    yield b"".join(map(_event, page.items)) or _heartbeat(page)
                    silence = loop.time() + HEARTBEAT
                if not page.more:
                    await asyncio.sleep(BREATH)
                    await _heard(rung, min(POLL, until - loop.time()))

    async def _read(self, asked: Asked) -> Page:
        """The next page; an empty one while the database is away."""
        try:
            return await self._history.read(asked)
        except (*AWAY, asyncpg.PostgresError) as error:
            stay_cancelled()
            _log.warning("feed_interrupted", error=type(error).__name__)
            return Page(items=[], next=asked.after.encode(), more=False)

    @contextlib.contextmanager
    def _counted(self, caller: Caller) -> Iterator[None]:
        self._refuse_too_many(caller)  # many may have come at once: the answer of the last ones breaks off
        self._open[caller.sub] += 1
        try:
            yield
        finally:
            self._open[caller.sub] -= 1
            self._open = +self._open  # nothing is kept of who has none left

    async def _listen(self) -> None:
        async for _ in self._messages.subscribe(JOURNAL, lapse=b""):
            self._ring()

    def _ring(self) -> None:
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()


async def _heard(rung: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await rung.wait()


def _event(line: Line) -> bytes:
    return b"id: %b\ndata: %b\n\n" % (line.position.encode(), _encoder.encode(line))


def _heartbeat(page: Page) -> bytes:
    """A comment, with how far was looked: readers of some events need not have the others looked through again."""
    return b": still here\nid: %b\n\n" % page.next.encode()
