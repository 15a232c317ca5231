"""Whether the processes that write, route and mail grow with what goes through them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import psutil

from tests.bench.report import Figure
from tests.bench.weight import growth, weight
from tests.bench.whole_stack import WholeStack

NAME: Final = "memory"
RATE: Final = 50.0
_OF_A_MODULE: Final = "-m"


async def measure(place: WholeStack, *, quick: bool) -> Figure:
    """Weigh every process after few and after many incidents."""
    few, many = (2, 5) if quick else (20, 600)
    await _pass(place, few)
    processes = _processes(place.stack.home)
    light = _weigh(processes)
    created = await _pass(place, many)
    still_there(processes, _processes(place.stack.home))
    conditions = f"whole stack, {created} incidents at {RATE:g}/s later"
    return growth("memory of those who write, route and mail", light, _weigh(processes), conditions)


def still_there(before: Mapping[str, int], after: Mapping[str, int]) -> None:
    """Make sure that those who worked are those who began: one that was started anew has nothing to carry.

    Args:
        before: process ids by module and argument.
        after: the same later.

    Raises:
        ValueError: some ended meanwhile.
    """
    if ended := [name for name, pid in before.items() if after.get(name) != pid]:
        raise ValueError(f"ended while they were measured: {', '.join(ended)}")


async def _pass(place: WholeStack, seconds: float) -> int:
    """Let incidents go through the whole system as fast as it can take them for long; gives how many."""
    created = (await place.send(clients=32, seconds=seconds, rate=RATE)).answers
    await place.settled()
    return created


def _weigh(processes: Mapping[str, int]) -> dict[str, float]:
    """Megabytes of each."""
    return {name: weight(pid) for name, pid in processes.items()}


def _processes(home: Path) -> dict[str, int]:
    """Each Python process that the supervisor started, by module and argument."""
    processes = {}
    for pid, _ in json.loads((home / "processes.json").read_text(encoding="ascii")):
        command = psutil.Process(int(pid)).cmdline()
        if _OF_A_MODULE in command:
            processes[" ".join(command[command.index(_OF_A_MODULE) + 1 :])] = int(pid)
    return processes
