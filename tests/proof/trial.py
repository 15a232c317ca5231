"""One run: put up the stand, load it, let the storm rage, wait until it is quiet, judge."""

from __future__ import annotations

import asyncio
import random
import shlex
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from tests.proof.clients import Door, Writer, work
from tests.proof.evidence import gather, quiet
from tests.proof.faults import CLOCK, FAULTS, not_possible
from tests.proof.footprint import grown, measure
from tests.proof.ledger import Ledger
from tests.proof.reader import READERS
from tests.proof.report import Report
from tests.proof.schedule import plan
from tests.proof.stand import Stand, standing
from tests.proof.storm import Storm
from tests.proof.truth import Finding, judge

_CLIENTS: Final = 6
#: Seconds: of load before the first fault, for the last answers, and for all work to end.
_WARM: Final = 8.0
_LAST_ANSWERS: Final = 90.0
_QUIET: Final = 420.0

Say = Callable[[str], None]


class Order(NamedTuple):
    """What a run is to be; `only` is a part of the names of the faults that are wanted, empty for all."""

    seed: int
    seconds: float
    only: str = ""
    pace: float = 1.0

    @property
    def command(self) -> str:
        """What runs it again."""
        only = f" --only {shlex.quote(self.only)}" if self.only else ""
        pace = f" --pace {self.pace:g}" if self.pace != 1 else ""
        return f"python -m tests.proof --seconds {self.seconds:g} --seed {self.seed}{only}{pace}"


async def attempt(order: Order, folder: Path, say: Say) -> Report:
    """Run once.

    Args:
        order: the seed that decides everything that is left to chance, and for how long there are faults.
        folder: for everything that runs; logs stay in it.
        say: prints a line.
    """
    say("putting up the stand")
    wanted = [kind for kind in FAULTS if order.only in kind]
    async with standing(folder, say, seconds=order.seconds, clock=CLOCK in wanted) as stand, _door(stand) as door:
        impossible = not_possible(stand)
        moments = plan(order.seed, order.seconds, [kind for kind in wanted if kind not in impossible], order.pace)
        ledger, dice = Ledger(), random.Random(order.seed)
        storm = Storm(stand, door, Writer(ledger, random.Random(order.seed + 1)), say)
        over, done = asyncio.Event(), asyncio.Event()
        readers = {form: kind(door, stand.query_url) for form, kind in READERS.items()}
        reading = [asyncio.create_task(reader.follow(done)) for reader in readers.values()]
        clients = [
            asyncio.create_task(work(door, Writer(ledger, random.Random(dice.random())), dice, over))
            for _ in range(_CLIENTS)
        ]
        await asyncio.sleep(_WARM)
        before, disturbed = await measure(stand), time.time()
        await storm.rage(moments)
        over.set()
        say("waiting for the last answers")
        await _ended([*clients, *storm.probes], _LAST_ANSWERS)
        say("waiting until all work is done")
        restless = [] if await quiet(stand, _QUIET) else [Finding("restless", f"not quiet after {_QUIET:g} s")]
        done.set()
        await _ended(reading, _LAST_ANSWERS)
        fed = {form: reader.seen for form, reader in readers.items()}
        after, evidence = await measure(stand), await gather(stand, disturbed, fed)
    findings = restless + judge(ledger.commands, evidence) + [Finding("grew", words) for words in grown(before, after)]
    return Report(order.command, ledger.commands, storm.faults, impossible, evidence, findings, before, after)


@asynccontextmanager
async def _door(stand: Stand) -> AsyncIterator[Door]:
    door = Door(stand.intake_url, f"http://127.0.0.1:{stand.stack.port + 3}")
    try:
        yield door
    finally:
        await door.close()


async def _ended(tasks: list[asyncio.Task[None]], seconds: float) -> None:
    """Give them so long; whoever broke by a mistake of ours breaks the run."""
    done, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    for task in done:
        task.result()
