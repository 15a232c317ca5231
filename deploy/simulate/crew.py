"""Several processes write one history, some days at a time, so that the journal keeps the order of days."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from multiprocessing.connection import Connection
from typing import Final, NamedTuple

from deploy.simulate.rhythm import Day
from deploy.simulate.troubles import Trouble
from deploy.simulate.world import World
from deploy.simulate.writing import Writer, Written, connected

_PROCESSES: Final = multiprocessing.get_context("spawn")


class Task(NamedTuple):
    """What each process needs to know; `part` of `parts` is its share."""

    url: str
    world: World
    seed: int
    part: int
    parts: int


class Crew:
    """Processes that wait for days to write."""

    def __init__(self, pipes: Sequence[Connection]) -> None:
        self._pipes = pipes

    def write(self, days: Sequence[Day], troubles: Sequence[Trouble]) -> Written:
        """Write some days, each process its share; `troubles` are the known errors that hold on some of them.

        Raises:
            ChildProcessError: one of them failed.
        """
        try:
            for pipe in self._pipes:
                pipe.send((days, troubles))
            shares: list[Written] = [pipe.recv() for pipe in self._pipes]
        except (EOFError, BrokenPipeError) as error:
            raise ChildProcessError("a process that writes failed, and has said why") from error
        return reduce(Written.plus, shares)


@contextmanager
def crew(url: str, world: World, seed: int, parts: int) -> Iterator[Crew]:
    """Start the processes, and end them."""
    ours, theirs = zip(*(_PROCESSES.Pipe() for _ in range(parts)), strict=True)
    processes = [
        _PROCESSES.Process(target=_work, args=(pipe, Task(url, world, seed, part, parts)), daemon=True)
        for part, pipe in enumerate(theirs)
    ]
    for process, pipe in zip(processes, theirs, strict=True):
        process.start()
        pipe.close()  # so that the other end hears of it when the process dies
    try:
        yield Crew(ours)
    finally:
        for pipe in ours:
            pipe.close()
        for process in processes:
            process.join(10)


def _work(pipe: Connection, task: Task) -> None:
    asyncio.run(_write(pipe, task))


async def _write(pipe: Connection, task: Task) -> None:
    """Write days as they are asked for, until nobody asks any more."""
    async with connected(task.url) as pool:
        writer = Writer(pool, task.world, task.seed, task.part, task.parts)
        while asked := _asked(pipe):
            pipe.send(await writer.write(*asked))


def _asked(pipe: Connection) -> tuple[Sequence[Day], Sequence[Trouble]] | None:
    try:
        asked: tuple[Sequence[Day], Sequence[Trouble]] = pipe.recv()
    except EOFError:
        return None
    return asked
