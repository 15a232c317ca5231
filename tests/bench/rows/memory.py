"""Whether processes grow with what goes through them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import psutil

from tests.bench.report import Figure
from tests.bench.whole_stack import WholeStack

NAME: Final = "memory"
_OF_A_MODULE: Final = "-m"


async def measure(place: WholeStack, *, quick: bool) -> Figure:
    """Weigh every process after few and after many incidents."""
    few, many = (0.5, 1) if quick else (20, 300)
    await _pass(place, few)
    light = _weigh(place.stack.home)
    created = await _pass(place, many)
    heavy = _weigh(place.stack.home)
    growth = {name: heavy[name] / light[name] for name in light.keys() & heavy.keys()}
    worst = max(growth, key=lambda name: growth[name])
    return Figure(
        name="memory after many incidents",
        ratio=growth[worst],
        aim=1.2,
        at_most=True,
        ours=heavy[worst],
        theirs=light[worst],
        unit="MB",
        against=f"the same process after few; {worst} grows most",
        conditions=f"whole stack, {created} incidents later, memory of its own (USS), children included",
        details={f"{name}, MB": heavy[name] for name in sorted(growth)},
    )


async def _pass(place: WholeStack, seconds: float) -> int:
    """Let incidents go through the whole system; gives how many."""
    created = (await place.send(clients=32, seconds=seconds)).answers
    await place.settled()
    return created


def _weigh(home: Path) -> dict[str, float]:
    """Megabytes of each Python process that the supervisor started, by module and argument."""
    weights = {}
    for pid, _ in json.loads((home / "processes.json").read_text(encoding="ascii")):
        process = psutil.Process(int(pid))
        command = process.cmdline()
        if _OF_A_MODULE in command:
            name = " ".join(command[command.index(_OF_A_MODULE) + 1 :])
            family = [process, *process.children(recursive=True)]
            weights[name] = sum(one.memory_full_info().uss for one in family) / 1e6
    return weights
