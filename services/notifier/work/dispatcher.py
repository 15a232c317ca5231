"""Gives due rows of work out to the workers: the lease is committed first, then ids travel over the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

import asyncpg
from celery import Celery

from services.notifier.work import rows as work
from services.notifier.work.broker import BROKER_AWAY
from services.notifier.work.queues import BATCH, IN_FLIGHT, QUEUES, Kind
from shared.database import AWAY, Pool, stay_cancelled
from shared.logs import logger

_log = logger(__name__)

#: Seconds between two looks when nobody calls, and at most while database or broker are away.
_POLL: Final = 1.0
#: Seconds for which work gathers after a round: a stream of incidents then travels in few messages, each of which costs
#: a worker more than a row does. What comes after a pause does not wait.
_GATHER: Final = 0.1
_LONGEST: Final = 10.0

Publish = Callable[[Kind, UUID, Sequence[int]], None]


class BrokerAway(Exception):
    """The broker took no message; the rows were given back."""


def publisher(broker: Celery) -> Publish:
    """A function that sends one message, without retries: the rows themselves are what is tried again."""

    def publish(kind: Kind, lease: UUID, ids: Sequence[int]) -> None:
        queue = QUEUES[kind]
        broker.send_task(queue, kwargs={"lease": str(lease), "ids": list(ids)}, queue=queue, retry=False)

    return publish


class Dispatcher:
    """Any number of them may run: rows that one is giving out are skipped by the others."""

    def __init__(self, pool: Pool, publish: Publish) -> None:
        """Prepare; `run` begins."""
        self._pool = pool
        self._publish = publish
        self._called = asyncio.Event()

    def call(self) -> None:
        """Say that there is new work."""
        self._called.set()

    async def run(self) -> None:
        """Give out work until cancelled."""
        pause = _POLL
        while True:
            self._called.clear()
            try:
                await self.round()
            except (BrokerAway, *AWAY, asyncpg.PostgresError) as error:
                stay_cancelled()
                _log.warning("dispatch_waits", error=type(error).__name__, seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST)
                continue
            pause = _POLL
            await asyncio.sleep(_GATHER)
            await self._wait()

    async def round(self) -> int:
        """Give out everything that is due now, as far as in-flight limits allow; says how many rows that were.

        Raises:
            BrokerAway: messages are not taken at present.
            OSError, asyncpg.PostgresError: nor does the database answer.
        """
        given = 0
        for kind in Kind:
            while ids := await self._batch(kind):
                given += len(ids)
                if len(ids) < BATCH[kind]:
                    break
        return given

    async def _batch(self, kind: Kind) -> list[int]:
        token = uuid4()
        async with self._pool.acquire() as connection:
            ids = await work.lease(connection, kind, token, batch=BATCH[kind], in_flight=IN_FLIGHT[kind])
        if ids:
            try:
                await asyncio.to_thread(self._publish, kind, token, ids)
            except BROKER_AWAY as error:
                async with self._pool.acquire() as connection:
                    await work.later(connection, ids, token, after=timedelta(0))
                raise BrokerAway from error
        return ids

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(_POLL):
                await self._called.wait()
        except TimeoutError:
            pass
