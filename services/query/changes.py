"""What changed, told to whoever looks: the projector publishes on Redis, each HTTP process listens once and hands on.

A hint, never a truth. Where some may have been missed, all streams end: browsers open them again and read anew.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec

from services.query.projections.generations import Touched
from services.query.viewer import Viewer
from shared.logs import logger
from shared.wakeups import Messages
from shared.wire.incidents import Change

CHANNEL: Final = "changes"
HEARTBEAT: Final = 15.0
#: A reader's stream ends after this many seconds, or with their token; browsers come back by themselves, with a token
#: that still holds.
LASTS: Final = 900.0
_WAITING: Final = 200
#: No message of ours: they are JSON lists.
_LAPSE: Final = b""

_log = logger(__name__)


_decode = msgspec.json.Decoder(list[Touched]).decode


async def publish(messages: Messages, touched: Sequence[Touched]) -> None:
    """Tell the listeners; where Redis is away they are told nothing, and poll."""
    if touched and not await messages.publish(CHANNEL, msgspec.json.encode(touched)):
        _log.warning("changes_not_published")


class Listener:
    """A reader's own line: what concerns them, newest state of each incident once."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._waiting: dict[str, Change] = {}
        self._called = asyncio.Event()
        self._ended = False

    def offer(self, touched: Touched) -> None:
        """Keep a change that concerns the reader; a reader far behind loses the oldest ones."""
        mine = self._viewer.person in touched.people or any(self._viewer.answers_for(group) for group in touched.groups)
        if mine:
            self._waiting.pop(touched.change.number, None)
            self._waiting[touched.change.number] = touched.change
            if len(self._waiting) > _WAITING:
                del self._waiting[next(iter(self._waiting))]
            self._called.set()

    def end(self) -> None:
        """Let the stream end."""
        self._ended = True
        self._called.set()

    async def events(self, *, lasts: float, heartbeat: float = HEARTBEAT) -> AsyncIterator[bytes]:
        """Server-sent events for `lasts` seconds, with a comment after `heartbeat` seconds of silence."""
        loop = asyncio.get_running_loop()
        until = loop.time() + lasts
        yield b"retry: 2000\n\n"
        while not self._ended and loop.time() < until:
            try:
                async with asyncio.timeout_at(min(loop.time() + heartbeat, until)):
                    await self._called.wait()
            except TimeoutError:
                yield b": still here\n\n"
                continue
            self._called.clear()
            waiting, self._waiting = self._waiting, {}
            for change in waiting.values():
                yield b"event: change\ndata: " + msgspec.json.encode(change) + b"\n\n"


class Hub:
    """The one subscription of a process, and everybody who listens."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._listeners: set[Listener] = set()
        self._closed = False
        #: Set once the subscription stands.
        self.heard = asyncio.Event()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen while the context lasts."""
        task = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            self.close()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def events(self, viewer: Viewer) -> AsyncIterator[bytes]:
        """The stream of a reader, for as long as their token holds."""
        listener = Listener(viewer)
        self._listeners.add(listener)
        if self._closed:
            listener.end()
        try:
            async for event in listener.events(lasts=min(LASTS, viewer.caller.expires_at - time.time())):
                yield event
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """End every stream, now and from now on."""
        self._closed = True
        self._end_all()

    def _end_all(self) -> None:
        for listener in self._listeners:
            listener.end()

    async def _listen(self) -> None:
        async for message in self._messages.subscribe(CHANNEL, lapse=_LAPSE):
            if message is _LAPSE:
                # The first time, too: who listened before there was a subscription has missed what came before it.
                self._end_all()
                self.heard.set()
            elif self._listeners:
                self._hand_on(message)

    def _hand_on(self, data: bytes) -> None:
        try:
            told = _decode(data)
        except msgspec.DecodeError:
            _log.warning("change_not_understood")
            return
        for one in told:
            for listener in self._listeners:
                listener.offer(one)
