"""Write a history of realistic incidents into the journal of a stack, through everything that real ones go through.

The past ends yesterday. The notifier passes it over: nothing is routed or mailed again. Stretches of days, of some
thousand incidents each, stand in order in the journal; inside of one, processes write beside each other.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

import asyncpg
import msgspec

from deploy.simulate import rhythm
from deploy.simulate.board import Board
from deploy.simulate.crew import crew
from deploy.simulate.lead import NotNowError, leading
from deploy.simulate.rhythm import Day
from deploy.simulate.writing import Written, connected, make_world
from shared import clock
from shared.settings import Settings

#: Incidents between two meetings of the processes.
_STRETCH: Final = 3000


async def simulate(settings: Settings, days: Sequence[Day], seed: int, processes: int) -> Written:
    """Write a history.

    Args:
        settings: where the journal and the documents are.
        days: when how many incidents are created, in order.
        seed: the same one gives the same history.
        processes: how many write.

    Raises:
        NotNowError: see `lead`.
        LookupError: the catalogue of the journal is another.
        OSError, asyncpg.PostgresError: the database cannot be reached, or a process failed.
    """
    async with leading(settings.database_url) as lead, connected(settings.database_url) as pool:
        world = await make_world(pool, settings, sum(day.incidents for day in days))
        board, written = Board(pool, world, seed), Written()
        with crew(settings.database_url, world, seed, processes) as writers:
            for some in stretches(days):
                published = await board.write(some)
                part = published.plus(await asyncio.to_thread(writers.write, some, board.troubles))
                if part.events:
                    await lead.pass_over(part.end, part.events)
                written = written.plus(part)
    return written


def stretches(days: Sequence[Day], least: int = _STRETCH) -> Iterator[Sequence[Day]]:
    """Consecutive days, so many that it is worth the while."""
    some: list[Day] = []
    for day in days:
        some.append(day)
        if sum(one.incidents for one in some) >= least:
            yield some
            some = []
    if some:
        yield some


def main() -> None:
    """Read the command line and do it; exits 1 with one line that says why when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m deploy.simulate", description=__doc__)
    parser.add_argument("--incidents", type=_count, required=True, help="how many are created")
    parser.add_argument("--days", type=_count, required=True, help="over how many days, the last of which is yesterday")
    parser.add_argument("--seed", type=int, default=0, help="the same one gives the same history")
    parser.add_argument(
        "--processes", type=_count, default=(os.cpu_count() or 1) + 1, help="that write at the same time"
    )
    given = parser.parse_args()
    first = clock.paris_date(clock.now()) - timedelta(days=given.days)
    began = time.monotonic()
    try:
        days = rhythm.days(first, given.days, given.incidents)
        written = asyncio.run(simulate(Settings.read_or_exit(), days, given.seed, given.processes))
    except (NotNowError, LookupError, OSError, asyncpg.PostgresError, msgspec.ValidationError) as error:
        raise SystemExit(f"simulate: {error}") from error
    took = time.monotonic() - began
    rate = f"{took:.1f} s ({written.events / took:.0f} events/s)"
    sys.stdout.write(f"{written.incidents} incidents with {written.events} events in {rate}\n")


def _count(text: str) -> int:
    if (count := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return count


if __name__ == "__main__":
    main()
