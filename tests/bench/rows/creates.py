"""How many incidents a second one intake process makes durable."""

from __future__ import annotations

from typing import Final

import msgspec

from tests.bench.load import Plan, load
from tests.bench.report import Figure
from tests.bench.rounds import in_turn
from tests.bench.write_side import FORM, WriteSide

NAME: Final = "creates"
CLIENTS: Final = 64


async def measure(side: WriteSide, *, quick: bool) -> Figure:
    """Send the form to intake and to the bare service in turn."""
    body, seconds, rounds = msgspec.json.encode(FORM).decode(), 1 if quick else 8, 1 if quick else 7

    async def rate(port: int) -> float:
        plan = Plan(port=port, head=side.head(), body=body, clients=CLIENTS, seconds=seconds, keyed=True)
        return (await load(plan)).rate

    found = await in_turn(lambda: rate(side.intake), lambda: rate(side.bare), rounds)
    return Figure(
        name="durable creates over HTTP",
        ratio=found.ratio,
        aim=0.75,
        ours=found.ours,
        theirs=found.theirs,
        unit="requests/s",
        against="a bare Litestar route that checks the same token and echoes the same body",
        conditions=f"{CLIENTS} clients, one process each, a key with each request; {rounds} rounds of {seconds} s in turn",
    )
