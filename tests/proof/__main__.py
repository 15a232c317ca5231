"""`python -m tests.proof`: break everything at random while clients work, then prove that nothing was lost or doubled."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import shutil
import signal
import sys
from pathlib import Path

from shared import logs
from tests.proof.faults import FAULTS
from tests.proof.trial import Order, attempt


def main() -> int:
    """Read the command line and run; the exit code is 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, help="for how long there are faults")
    length.add_argument("--seconds", type=float, default=180.0, help="the same in seconds; 180 when nothing is said")
    parser.add_argument("--seed", type=int, default=None, help="decides what is left to chance")
    parser.add_argument(
        "--only", default="", metavar="WORDS", help="faults whose names hold these words; see faults.py"
    )
    parser.add_argument("--pace", type=float, default=1.0, help="10 lets each fault heal before the next one comes")
    parser.add_argument("--folder", type=Path, default=None, help="for logs and report; $CECOIA_HOME/proof by default")
    given = parser.parse_args()
    if not any(given.only in kind for kind in FAULTS):
        parser.error(f"no fault has {given.only!r} in its name; there are: {', '.join(FAULTS)}")
    logs.configure("proof", logging.ERROR)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: take everything down again
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    seconds = given.minutes * 60 if given.minutes else given.seconds
    folder = (given.folder or Path(os.environ.get("CECOIA_HOME") or ".cecoia") / "proof").resolve() / str(seed)
    return prove(Order(seed, seconds, given.only, given.pace), folder)


def prove(order: Order, folder: Path) -> int:
    """Run once in a folder that is emptied before; gives the exit code."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    report = asyncio.run(attempt(order, folder, _say))
    (folder / "report.json").write_text(json.dumps(report.plain(), indent=1), encoding="utf-8")
    for line in report.lines():
        _say(line)
    _say(f"logs and report.json in {folder}")
    return 1 if report.findings else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
