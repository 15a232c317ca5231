"""`python -m services.intake` serves; with `seed FILE` it brings the catalogue to what a file says."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from services.intake.app import make_app
from services.intake.seed import seed
from shared.http.app import run
from shared.logs import configure
from shared.settings import Settings


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m services.intake", description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("seed", help="bring the catalogue to what a file says").add_argument("file", type=Path)
    arguments = parser.parse_args()
    configure("intake")
    settings = Settings.read_or_exit()
    if arguments.command == "seed":
        return _seed(settings, arguments.file)
    run(make_app(settings), settings.host, urlsplit(settings.intake_url).port or 80)
    return 0


def _seed(settings: Settings, file: Path) -> int:
    try:
        asyncio.run(seed(settings, file.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        sys.stderr.write(f"{file}: {error}\n")
        return 1
    return 0


sys.exit(main())
