"""Keeps processes running: starts them stage by stage, restarts those that die, stops them within a time limit."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any

from deploy.child import before_exec
from deploy.leftovers import Birth, birth
from deploy.logs import open_log, rotate, tail
from deploy.processes import Process

#: Waiting times before a restart, in seconds; the last one repeats. A process that held out this long begins anew.
BACK_OFF = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
HELD_OUT = 60.0
#: Seconds after the order to stop at which the processes of each stage, last stage first, are killed.
KILLED_AFTER = (2.5, 6.5, 7.5, 9.0)
DEATHS_AT_START = 3
#: What starting a process raises when the system has no room, no memory or no number for it.
NOT_STARTED = (OSError, subprocess.SubprocessError)


class CannotStart(Exception):
    """A process did not come up; the text says which and what it said last."""


class Supervisor:
    """The processes of one stack.

    Args:
        logs: folder that gets `<process>.log`.
        record: file that tells a later start which processes belong to this one.
        variables: environment that all processes share.
        say: prints one line for people.
    """

    def __init__(self, logs: Path, record: Path, variables: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._logs = logs
        self._record = record
        self._variables = variables
        self._say = say
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._births: dict[str, Birth] = {}
        self._deaths: dict[str, int] = {}
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._known: dict[str, Process] = {}

    async def start(self, processes: Iterable[Process], limit: float = 60.0) -> None:
        """Start processes and wait until each is ready.

        Raises:
            CannotStart: one died again and again, or was not ready after `limit` seconds.
            OSError, subprocess.SubprocessError: one could not be started at all.
        """
        fresh = list(processes)
        for process in fresh:
            await self._launch(process)
            self._known[process.name] = process
            self._watchers[process.name] = asyncio.create_task(self._keep(process))
        await together(*(self._until_ready(process, limit) for process in fresh))

    def pid(self, name: str) -> int | None:
        """Process id, None while it is not running."""
        running = self._running.get(name)
        return running.pid if running and running.returncode is None else None

    async def stop(self) -> None:
        """End all processes, those of the last stage first; whoever takes too long is killed."""
        begin = time.monotonic()
        for watcher in self._watchers.values():
            watcher.cancel()
        await asyncio.gather(*self._watchers.values(), return_exceptions=True)
        highest = max((process.stage for process in self._known.values()), default=0)
        for stage in range(highest, -1, -1):
            until = begin + KILLED_AFTER[highest - stage]
            names = [process.name for process in self._known.values() if process.stage == stage]
            await asyncio.gather(*(self._end(name, until) for name in names))
        self._record.unlink(missing_ok=True)

    def kill(self) -> None:
        """End all processes at once, in no order."""
        for watcher in self._watchers.values():
            watcher.cancel()
        for running in self._running.values():
            _kill_group(running.pid)

    async def _launch(self, process: Process) -> None:
        with open_log(self._logs, process.name) as log:
            running = await asyncio.create_subprocess_exec(
                *process.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**self._variables, **dict(process.variables)},
                start_new_session=True,
                preexec_fn=before_exec(process.end, process.user),
            )
        self._running[process.name] = running
        self._births[process.name] = birth(running.pid)
        self._note_births()

    def _note_births(self) -> None:
        """Write the record; a process that could not be noted runs all the same."""
        part = self._record.with_suffix(".part")
        try:
            part.write_text(json.dumps(list(self._births.values())), encoding="ascii")
            part.replace(self._record)
        except OSError as error:
            self._say(f"{self._record} could not be written ({error})")

    async def _keep(self, process: Process) -> None:
        """Start the process again whenever it ends, later each time."""
        in_a_row = 0
        while True:
            began = time.monotonic()
            code = await self._running[process.name].wait()
            _kill_group(self._running[process.name].pid)  # what it forked
            in_a_row = 0 if time.monotonic() - began > HELD_OUT else in_a_row
            in_a_row = await self._start_again(process, f"ended ({_why(code)})", in_a_row)

    async def _start_again(self, process: Process, why: str, in_a_row: int) -> int:
        """Try until the process has been started; gives the number of tries in a row."""
        while True:
            pause = BACK_OFF[min(in_a_row, len(BACK_OFF) - 1)]
            in_a_row += 1
            self._deaths[process.name] = self._deaths.get(process.name, 0) + 1
            self._say(f"{process.name} {why}, starting it again in {pause:g} s; log: {self._log(process)}")
            await asyncio.sleep(pause)
            try:
                await self._launch(process)
            except NOT_STARTED as error:
                why = f"could not be started ({error})"
            else:
                return in_a_row

    async def _until_ready(self, process: Process, limit: float) -> None:
        until = time.monotonic() + limit
        while not (self.pid(process.name) and await process.ready()):
            if self._deaths.get(process.name, 0) >= DEATHS_AT_START or time.monotonic() > until:
                words = tail(self._logs, process.name)
                raise CannotStart(f"{process.name} does not start: {words} (log: {self._log(process)})")
            await asyncio.sleep(0.05)

    async def _end(self, name: str, until: float) -> None:
        running = self._running[name]
        if running.returncode is None:
            running.send_signal(self._known[name].end)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running.wait(), max(0.1, until - time.monotonic()))
        if running.returncode is None:
            self._say(f"{name} did not end in time and was killed")
        _kill_group(running.pid)
        await running.wait()

    def _log(self, process: Process) -> Path:
        return self._logs / f"{process.name}.log"

    async def keep_logs_short(self) -> None:
        """Rotate the logs that have grown, every minute, for ever."""
        while True:
            await asyncio.sleep(60)
            for name in list(self._known):
                try:
                    await asyncio.to_thread(rotate, self._logs, name)
                except OSError as error:
                    self._say(f"the log of {name} could not be made shorter ({error})")


async def together(*work: Coroutine[Any, Any, None]) -> None:
    """Do several things at once; the first failure ends the others and is raised itself, not in a group."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in work:
                group.create_task(each)
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _why(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
