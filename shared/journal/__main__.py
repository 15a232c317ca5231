"""What an operator does to the journal by hand."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

import asyncpg

from shared.environment import run_env
from shared.journal.migrate import MigrationError, migrate
from shared.journal.verify import Finding, verify


def _database_url() -> str:
    home = Path(os.environ.get("CECOIA_HOME", ".cecoia")).resolve()
    url = os.environ.get("CECOIA_DATABASE_URL") or run_env(home).get("CECOIA_DATABASE_URL")
    if not url:
        raise SystemExit("CECOIA_DATABASE_URL is not set and no stack has run here")
    return url


async def _verify(url: str) -> Finding:
    connection = await asyncpg.connect(url, timeout=10, server_settings={"application_name": "cecoia verify"})
    try:
        return await verify(connection)
    finally:
        await connection.close()


def _run(command: str) -> str:
    """Do it; what to tell."""
    if command == "migrate":
        return "".join(f"applied {name}\n" for name in asyncio.run(migrate(_database_url()))) or "nothing to do\n"
    finding = asyncio.run(_verify(_database_url()))
    if finding.lie:
        raise SystemExit(f"the journal lies: {finding.lie}")
    return f"{finding.events} events in {finding.streams} streams are as they were written\n"


def main() -> None:
    """Read the command line and do it; exits 1 with one line that says why when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m shared.journal", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database to the present shape")
    commands.add_parser("verify", help="recompute every chain; exits 1 and names the first event that lies")
    command = parser.parse_args().command
    try:
        sys.stdout.write(_run(command))
    except (MigrationError, OSError, asyncpg.PostgresError) as error:
        raise SystemExit(f"{command}: {error}") from error


if __name__ == "__main__":
    main()
