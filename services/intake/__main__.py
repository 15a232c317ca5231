"""`python -m services.intake` serves; with a word behind it, what an operator does by hand.

post                                   take mail in
post --replay failed|all               take in once more what is kept: what could not be recorded, or all of it
seed FILE                              bring the catalogue to what a file says
erase --number N | --email A           forget whoever asked for an incident, or uses an address, for ever
retain --older-than 5y [--apply]       say who was not heard of for so long; with --apply, forget them
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import msgspec

from services.intake.app import make_app
from services.intake.incident.deciding import Refusal
from services.intake.people import console
from services.intake.post.process import replay, serve
from services.intake.seed import seed
from shared.clock import read_age
from shared.http.app import run
from shared.http.problems import Problem
from shared.logs import configure
from shared.settings import Settings
from shared.startup import wait_for_database


def main() -> int:
    """Do what the command line says."""
    given = _parser().parse_args()
    configure("post" if given.command == "post" else "intake")
    settings = Settings.read_or_exit()
    if given.command == "seed":
        return _seed(settings, given.file)
    if given.command == "erase":
        return _tell(console.erase(settings, number=given.number, email=given.email, force=given.force))
    if given.command == "retain":
        return _tell(console.forget_old(settings, given.older_than, apply=given.apply))
    if given.command == "post" and given.replay:
        return _tell(replay(settings, everything=given.replay == "all"))
    wait_for_database(settings.database_url)
    if given.command == "post":
        asyncio.run(serve(settings))
        return 0
    run(make_app(settings), settings.host, urlsplit(settings.intake_url).port or 80)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.intake", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command")
    post = commands.add_parser("post")
    post.add_argument("--replay", choices=("failed", "all"))
    commands.add_parser("seed").add_argument("file", type=Path)
    erase = commands.add_parser("erase")
    who = erase.add_mutually_exclusive_group(required=True)
    who.add_argument("--number", help="of an incident that the person asked for")
    who.add_argument("--email", help="address that the person uses")
    erase.add_argument("--force", action="store_true", help="although incidents of theirs are not ended")
    retain = commands.add_parser("retain")
    retain.add_argument("--older-than", type=read_age, required=True, metavar="AGE", help="e.g. 5y or 1826d")
    retain.add_argument("--apply", action="store_true", help="forget them; without, they are only counted")
    return parser


def _seed(settings: Settings, file: Path) -> int:
    """Bring the catalogue to what a file says; only what is wrong with the file is told under its name."""
    try:
        return _tell(_seeded(settings, file.read_text(encoding="utf-8")))
    except (OSError, msgspec.ValidationError, ValueError) as error:
        sys.stderr.write(f"{file}: {error}\n")
        return 1


async def _seeded(settings: Settings, text: str) -> str:
    return f"seeded: {await seed(settings, text, everything=True)} events"


def _tell(work: Coroutine[None, None, str]) -> int:
    """Do something and tell how it ended."""
    try:
        sys.stdout.write(f"{asyncio.run(work)}\n")
    except Refusal as refusal:
        sys.stderr.write(f"{refusal.sentence}\n")
        return 1
    except Problem as problem:
        sys.stderr.write(f"{problem.detail}\n")
        return 1
    except (OSError, asyncpg.PostgresError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


sys.exit(main())
