"""Group commit: what many requests want to append at one moment goes into the journal in one call.

Nobody waits for a timer: a writer takes what is there, and while it is busy the next batch gathers by itself.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, NamedTuple, Self
from uuid import UUID

from shared.database import AWAY, Pool, is_away
from shared.journal.append import append
from shared.journal.read import refuse_restored
from shared.journal.records import Append, Outcome, Verdict
from shared.journal.sealing import Vault
from shared.logs import logger

_log = logger(__name__)
_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 0.5


class JournalBusy(Exception):
    """Too much waits to be appended; nothing was done. Ask again in a second."""


class JournalUnavailable(Exception):
    """The database is away. Whether the command was appended is not known; sending it again is safe."""


class _Waiting(NamedTuple):
    command: Append
    outcome: asyncio.Future[Outcome]

    @property
    def stream_id(self) -> UUID:
        return self.command.stream_id

    def answer(self, outcome: Outcome) -> None:
        if not self.outcome.done():  # whoever asked may have gone
            self.outcome.set_result(outcome)

    def fail(self, error: Exception) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(error)


class Batcher:
    """Appends for everybody in this process. Commands for one stream keep their order."""

    def __init__(
        self,
        pool: Pool,
        vault: Vault,
        on_commit: Callable[[], None],
        *,
        writers: int = 2,
        batch: int = 200,
        queue: int = 2000,
        patience: float = 5.0,
    ) -> None:
        """Prepare; the context manager starts and stops the writers.

        Args:
            pool: of a role that may append; each writer uses one connection at a time.
            vault: seals.
            on_commit: called after each commit that added events.
            writers: batches under way at once.
            batch: most commands in one call.
            queue: most commands that wait.
            patience: seconds for which a batch is tried again while the database is away.
        """
        self._pool, self._vault, self._on_commit = pool, vault, on_commit
        self._writers, self._batch, self._queue, self._patience = writers, batch, queue, patience
        self._waiting: deque[_Waiting] = deque()
        self._busy: set[UUID] = set()  # streams of the batches under way
        self._idle = writers  # that wait for work
        self._change = asyncio.Event()
        self._closing = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Start.

        Raises:
            JournalRestoredError: see `refuse_restored`.
        """
        async with self._pool.acquire() as connection:
            await refuse_restored(connection)
        self._tasks = [asyncio.create_task(self._write()) for _ in range(self._writers)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Append what still waits, then stop."""
        self._closing = True
        self._change.set()
        await asyncio.gather(*self._tasks)

    @property
    def waiting(self) -> int:
        """Commands that no writer has taken yet."""
        return len(self._waiting)

    async def append(self, command: Append) -> Outcome:
        """Append and wait for the commit.

        A command whose answer was lost with a connection is sent again by the batcher itself; its outcome can then
        be `duplicate` although the caller sent it once.

        Raises:
            JournalBusy: the queue is full, or this process is stopping.
            JournalUnavailable: the database stayed away.
            Exception: this command cannot be appended, e.g. a ValueError for texts without an owner.
        """
        if self._closing or len(self._waiting) >= self._queue:
            raise JournalBusy
        waiting = _Waiting(command, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._change.set()
        return await waiting.outcome

    async def append_together(self, commands: Sequence[Append]) -> list[Outcome]:
        """Append to several streams, all or none: where one of them conflicts, nothing is appended to any.

        Such commands are few: they wait for no batch.

        Raises:
            JournalBusy: this process is stopping.
            OSError, asyncpg.PostgresError, asyncpg.InterfaceError: as `append.append`; sending again is safe.
        """
        if self._closing:
            raise JournalBusy
        async with self._pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                outcomes = await append(connection, commands, self._vault)
            except BaseException:
                await transaction.rollback()
                raise
            if any(outcome.verdict is Verdict.CONFLICT for outcome in outcomes):
                await transaction.rollback()
                return outcomes
            await transaction.commit()
        self._on_commit()
        return outcomes

    async def _write(self) -> None:
        while batch := await self._take():
            try:
                await self._settle(batch)
            finally:
                self._busy.difference_update(one.stream_id for one in batch)
                self._idle += 1
                self._change.set()

    async def _take(self) -> list[_Waiting]:
        """Wait for work; empty at the end."""
        while True:
            if batch := self._pick():
                self._idle -= 1
                return batch
            if self._closing and not self._waiting:
                return []
            self._change.clear()
            await self._change.wait()

    def _pick(self) -> list[_Waiting]:
        """This writer's share of the oldest commands, one a stream; those for a stream under way wait, in order."""
        share = min(self._batch, math.ceil(len(self._waiting) / self._idle))
        picked: list[_Waiting] = []
        passed: list[_Waiting] = []
        while self._waiting and len(picked) < share:
            one = self._waiting.popleft()
            if one.stream_id in self._busy:
                passed.append(one)
            else:
                self._busy.add(one.stream_id)
                picked.append(one)
        self._waiting.extendleft(reversed(passed))
        return picked

    async def _settle(self, batch: Sequence[_Waiting]) -> None:
        """Give every command of a batch its answer, whatever happens."""
        try:
            await self._append_twice(batch)
        except Exception as error:  # noqa: BLE001 - one command can fail in any way; all of them wait for an answer
            if is_away(error):
                _log.warning("append_unavailable", commands=len(batch), error=type(error).__name__)
                _fail(batch, error)
            else:
                _log.warning("append_one_by_one", commands=len(batch), error=type(error).__name__)
                await self._append_singly(batch)

    async def _append_singly(self, batch: Sequence[_Waiting]) -> None:
        """Find out which command it was; the others shall not suffer for it."""
        for place, one in enumerate(batch):
            try:
                await self._append_patiently([one])
            except Exception as error:  # noqa: BLE001 - told to whoever sent the command
                if is_away(error):
                    _fail(batch[place:], error)
                    return
                one.fail(error)

    async def _append_twice(self, batch: Sequence[_Waiting]) -> None:
        """Append in one call, and once more if that fails for a reason that may not return, such as a deadlock."""
        try:
            await self._append_patiently(batch)
        except Exception as error:
            if is_away(error):
                raise
            await self._append_patiently(batch)

    async def _append_patiently(self, batch: Sequence[_Waiting]) -> None:
        """Append in one call, again and again while the database is away."""
        clock = asyncio.get_running_loop().time
        give_up, pause = clock() + self._patience, _FIRST_PAUSE
        while True:
            try:
                return await self._append_once(batch)
            except AWAY as error:
                if not is_away(error) or self._closing or clock() + pause > give_up:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _append_once(self, batch: Sequence[_Waiting]) -> None:
        async with self._pool.acquire() as connection:
            outcomes = await append(connection, [one.command for one in batch], self._vault)
        for one, outcome in zip(batch, outcomes, strict=True):
            one.answer(outcome)
        if any(outcome.verdict is Verdict.APPENDED for outcome in outcomes):
            self._on_commit()


def _fail(batch: Sequence[_Waiting], cause: Exception) -> None:
    for one in batch:
        error = JournalUnavailable()
        error.__cause__ = cause
        one.fail(error)
