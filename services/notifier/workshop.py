"""The event loop and the tools of one worker process: made after the fork, used by plain tasks, closed at the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Final
from uuid import UUID

from celery import Celery

from services.notifier.toolbox import Toolbox, open_toolbox
from shared.database import AWAY
from shared.logs import logger
from shared.settings import Settings

_log = logger(__name__)

Job = Callable[[Toolbox, Sequence[int], UUID], Awaitable[None]]

#: Seconds between two looks at whether the process is to stop, for a job that is under way by then, for a job that is
#: cut off, and for closing the tools: less together than the eight seconds in which a process ends.
_GLANCE: Final = 0.25
_LAST_SECONDS: Final = 3.0
_CUT_OFF: Final = 0.25
_CLOSING: Final = 1.0


class Workshop:
    """Runs asynchronous jobs for tasks that are plain functions (Celery would never await anything else)."""

    def __init__(self, settings: Settings, broker: Celery, stopping: Callable[[], bool]) -> None:
        """Keep what is needed; nothing is opened before the fork."""
        self._settings = settings
        self._broker = broker
        self._stopping = stopping
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tools: Toolbox | None = None
        self._stack = AsyncExitStack()

    def open(self) -> None:
        """Start the loop and open the tools; if the database is away, the next job tries again."""
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="loop", daemon=True).start()
        try:
            asyncio.run_coroutine_threadsafe(self._opened(), self._loop).result()
        except AWAY as error:
            _log.warning("database_away", error=type(error).__name__)

    def run(self, job: Job, ids: Sequence[int], lease: UUID) -> None:
        """Do a job to its end, or to that of the process.

        What the database's absence or the end leaves undone comes back when its lease ends.
        """
        if self._loop is None:
            raise RuntimeError("the workshop is opened in the worker's child processes only")
        try:
            asyncio.run_coroutine_threadsafe(self._run(job, ids, lease), self._loop).result()
        except AWAY as error:
            _log.warning("database_away", error=type(error).__name__)

    def close(self) -> None:
        """Close the tools and stop the loop."""
        if self._loop is not None:
            try:
                asyncio.run_coroutine_threadsafe(self._stack.aclose(), self._loop).result(_CLOSING)
            except AWAY as error:
                _log.warning("not_closed", error=type(error).__name__)
            self._loop.call_soon_threadsafe(self._loop.stop)

    async def _run(self, job: Job, ids: Sequence[int], lease: UUID) -> None:
        working = asyncio.create_task(self._work(job, ids, lease))
        while not (working.done() or self._stopping()):
            await asyncio.wait({working}, timeout=_GLANCE)
        await asyncio.wait({working}, timeout=_LAST_SECONDS)
        if working.done():
            working.result()
        else:
            _log.warning("job_cut_off", rows=len(ids))
            working.cancel()
            await asyncio.wait({working}, timeout=_CUT_OFF)

    async def _work(self, job: Job, ids: Sequence[int], lease: UUID) -> None:
        await job(await self._opened(), ids, lease)

    async def _opened(self) -> Toolbox:
        if self._tools is None:
            tools = open_toolbox(self._settings, self._broker, self._stopping)
            self._tools = await self._stack.enter_async_context(tools)
        return self._tools
