"""Lets the faults of a schedule happen at their time, and measures how long the system takes to recover."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg
import psutil
import redis

from tests.proof.clients import Door, Writer
from tests.proof.faults import FAULTS, NothingToBreakError
from tests.proof.schedule import Moment
from tests.proof.stand import Stand

#: What injecting a fault may meet, other faults being about.
_MISSED: Final = (NothingToBreakError, psutil.NoSuchProcess, OSError, asyncpg.PostgresError, redis.RedisError)
_GLANCE: Final = 0.1


@dataclass
class Injected:
    """A fault that happened.

    Attributes:
        at: seconds after the start of the storm; `healed` likewise.
        wall: the same moment on the wall clock, to be found again in logs.
        acknowledged: seconds from its healing until a probe, sent then, was acknowledged; None for never.
        confirmed: seconds until the probe's confirmation arrived.
        missed: why it could not be injected; empty where it was.
    """

    kind: str
    at: float
    wall: str
    healed: float = 0.0
    acknowledged: float | None = None
    confirmed: float | None = None
    missed: str = ""


class Storm:
    """All faults of a run.

    Args:
        say: prints a line.
    """

    def __init__(self, stand: Stand, door: Door, writer: Writer, say: Callable[[str], None]) -> None:
        self._stand, self._door, self._writer, self._say = stand, door, writer, say
        self._began = 0.0
        self.faults: list[Injected] = []
        self.probes: set[asyncio.Task[None]] = set()

    async def rage(self, moments: Sequence[Moment]) -> None:
        """Let every fault happen at its time; returns when the last one is healed. Probes may still be under way."""
        self._began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for moment in moments:
                group.create_task(self._one(moment))

    async def _one(self, moment: Moment) -> None:
        await asyncio.sleep(moment.at)
        fault = Injected(moment.kind, self._elapsed(), time.strftime("%H:%M:%S"))
        self.faults.append(fault)
        try:
            async with FAULTS[moment.kind](self._stand, moment.chance):
                self._say(f"{fault.at:7.1f} s  {moment.kind}, {moment.lasts:.1f} s")
                await asyncio.sleep(moment.lasts)
        except _MISSED as error:
            fault.missed = type(error).__name__
            return
        fault.healed = self._elapsed()
        probe = asyncio.create_task(self._probe(fault))
        self.probes.add(probe)

    async def _probe(self, fault: Injected) -> None:
        command = self._writer.create(files=0)
        await self._door.send(command)
        fault.acknowledged = self._elapsed() - fault.healed
        while command.answer and not self._stand.mailbox.has(command.answer.number):
            await asyncio.sleep(_GLANCE)
        fault.confirmed = self._elapsed() - fault.healed

    def _elapsed(self) -> float:
        return time.monotonic() - self._began
