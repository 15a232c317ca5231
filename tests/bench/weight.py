"""How much memory processes have to themselves, and how that grew."""

from __future__ import annotations

from collections.abc import Mapping

import psutil

from tests.bench.report import Figure


def weight(pid: int) -> float:
    """Megabytes that a process and its children share with nobody (USS)."""
    process = psutil.Process(pid)
    return sum(one.memory_full_info().uss for one in (process, *process.children(recursive=True))) / 1e6


def growth(name: str, light: Mapping[str, float], heavy: Mapping[str, float], conditions: str) -> Figure:
    """The row of the table: the process that grew most decides.

    Args:
        name: of the row.
        light: megabytes of each process after little work.
        heavy: the same after much.
        conditions: what little and much were.

    Raises:
        ValueError: they are not the same processes.
    """
    if changed := light.keys() ^ heavy.keys():
        raise ValueError(f"weighed only once: {', '.join(sorted(changed))}")
    ratios = {process: heavy[process] / light[process] for process in light}
    worst = max(ratios, key=lambda process: ratios[process])
    return Figure(
        name=name,
        ratio=ratios[worst],
        aim=1.2,
        at_most=True,
        ours=heavy[worst],
        theirs=light[worst],
        unit="MB",
        against=f"the same process after few; {worst} grows most",
        conditions=f"{conditions}; memory of its own (USS), children included",
        details={f"{process}, MB": heavy[process] for process in sorted(ratios)},
    )
