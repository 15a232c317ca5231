"""Ours and theirs in turn, so that whatever else the machine does falls on both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from statistics import median
from typing import NamedTuple


class Comparison(NamedTuple):
    """Medians of the rounds; the ratio is the median of the ratios, not the ratio of the medians."""

    ours: float
    theirs: float
    ratio: float


async def in_turn(
    ours: Callable[[], Awaitable[float]], theirs: Callable[[], Awaitable[float]], rounds: int
) -> Comparison:
    """Measure both once to warm up, then so many times: ours, theirs, ours, theirs…"""
    await ours(), await theirs()
    pairs = [(await ours(), await theirs()) for _ in range(rounds)]
    return Comparison(
        median(mine for mine, _ in pairs),
        median(other for _, other in pairs),
        median(mine / other for mine, other in pairs),
    )


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of all values lies, e.g. 0.99."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
