"""`python -m shared.journal migrate`: what an operator does to the journal by hand."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

import asyncpg

from shared.environment import run_env
from shared.journal.migrate import MigrationError, migrate


def _database_url() -> str:
    home = Path(os.environ.get("CECOIA_HOME", ".cecoia")).resolve()
    url = os.environ.get("CECOIA_DATABASE_URL") or run_env(home).get("CECOIA_DATABASE_URL")
    if not url:
        raise SystemExit("CECOIA_DATABASE_URL is not set and no stack has run here")
    return url


def main() -> None:
    """Read the command line and do it; exits 1 with one line that says why when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m shared.journal", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database to the present shape")
    parser.parse_args()
    try:
        applied = asyncio.run(migrate(_database_url()))
    except (MigrationError, OSError, asyncpg.PostgresError) as error:
        raise SystemExit(f"migrate: {error}") from error
    sys.stdout.write("".join(f"applied {name}\n" for name in applied) or "nothing to do\n")


if __name__ == "__main__":
    main()
