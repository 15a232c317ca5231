"""Measure all rows, or those that are named, and write the table."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Final, NamedTuple

from shared import logs
from tests.bench.histories import histories
from tests.bench.report import Figure, told, write
from tests.bench.rows import appends, creates, feed, latency, mail, memory, readers, reads, rebuild, relay
from tests.bench.whole_stack import whole_stack
from tests.bench.write_side import write_side


class Scene(NamedTuple):
    """What must run for some rows, and the rows that are measured in it, by name."""

    open: Callable[..., AbstractAsyncContextManager[Any]]
    rows: dict[str, Callable[..., Awaitable[Figure]]]


SCENES: Final = (
    Scene(write_side, {module.NAME: module.measure for module in (creates, appends, latency)}),
    Scene(histories, {module.NAME: module.measure for module in (rebuild, reads, feed, readers)}),
    Scene(whole_stack, {module.NAME: module.measure for module in (relay, mail, memory)}),
)
NAMES: Final = [name for scene in SCENES for name in scene.rows]


async def measure(names: list[str], *, quick: bool) -> list[Figure]:
    """Measure rows, each scene opened once, and tell each row when it is known."""
    figures = []
    for scene in SCENES:
        if wanted := [name for name in scene.rows if name in names]:
            async with scene.open(quick=quick) as place:
                for name in wanted:
                    figures.append(await scene.rows[name](place, quick=quick))
                    sys.stdout.write(told(figures[-1]) + "\n")
                    sys.stdout.flush()
    return figures


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds and little data, for a first look")
    parser.add_argument("--only", choices=NAMES, action="append", help="measure this row; may be repeated")
    arguments = parser.parse_args()
    logs.configure("bench", logging.WARNING)
    figures = asyncio.run(measure(arguments.only or NAMES, quick=arguments.quick))
    home = os.environ.get("CECOIA_HOME") or tempfile.mkdtemp(prefix="cecoia-bench")
    sys.stdout.write(f"written to {write(Path(home) / 'bench', figures, quick=arguments.quick)}\n")


if __name__ == "__main__":
    main()
