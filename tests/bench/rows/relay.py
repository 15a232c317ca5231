"""Whether relay and workers keep up with a busy morning, and how much they could."""

from __future__ import annotations

import time
from typing import Final

from tests.bench.report import Figure
from tests.bench.whole_stack import WholeStack

NAME: Final = "relay"
RATE: Final = 50.0


async def measure(place: WholeStack, *, quick: bool) -> Figure:
    """Create at a steady rate and look at what waits in the end; then create a heap and time the work on it."""
    seconds, heap = (4, 0.5) if quick else (60, 10)
    await place.send(clients=8, seconds=1, rate=RATE)
    await place.settled()
    began = time.monotonic()
    created = (await place.send(clients=16, seconds=seconds, rate=RATE)).answers
    waiting = await place.backlog()
    await place.settled()
    took = time.monotonic() - began
    began = time.monotonic()
    many = (await place.send(clients=64, seconds=heap)).answers
    await place.settled()
    most = many / (time.monotonic() - began)
    return Figure(
        name="incidents routed and confirmed",
        ratio=created / took / RATE,
        aim=0.9,
        ours=created / took,
        theirs=RATE,
        unit="incidents/s",
        against="the rate at which they are created",
        conditions=f"whole stack, {seconds} s at {RATE:g}/s, time until nothing waits included",
        details={"rows and events waiting when the last was created": waiting, "most, from a heap, incidents/s": most},
    )
