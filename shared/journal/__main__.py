"""What is done to the journal as a whole: by an operator's hand, or, for `seal`, by a process of the stack."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

import asyncpg

from shared import clock, logs
from shared.database import connect_pool
from shared.environment import stack_variables
from shared.journal.migrate import MigrationError, migrate
from shared.journal.read import JournalRestoredError
from shared.journal.sealer import ROLE, Sealer, WitnessContradictsError
from shared.journal.verify import Finding, verify
from shared.journal.witness import Witness
from shared.startup import wait_for_database

_REFUSALS = (
    MigrationError,
    JournalRestoredError,
    WitnessContradictsError,
    OSError,
    ValueError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
)


def _database_url(variables: Mapping[str, str]) -> str:
    if not (url := variables.get("CECOIA_DATABASE_URL")):
        home = variables["CECOIA_HOME"]
        raise SystemExit(f"no stack runs in {home}: start it, or say with CECOIA_DATABASE_URL where the database is")
    return url


def _migrate(variables: Mapping[str, str]) -> None:
    """Bring the database to the present shape."""
    applied = asyncio.run(migrate(_database_url(variables)))
    sys.stdout.write("".join(f"applied {name}\n" for name in applied) or "nothing to do\n")


def _verify(variables: Mapping[str, str]) -> None:
    """Recompute every chain and seal; exits 1 and names the first event or block that lies."""
    witness = Witness.of(variables)
    finding = asyncio.run(_verified(_database_url(variables), witness))
    if finding.lie:
        raise SystemExit(f"the journal lies: {finding.lie}")
    sys.stdout.write(f"{finding.events} events in {finding.streams} streams are as they were written\n")
    sys.stdout.write(
        f"{finding.blocks} blocks are as they were sealed, {finding.witnessed} seals stand in {witness.path}\n"
    )
    if finding.unsealed:
        sys.stdout.write(
            f"{finding.unsealed} events at the end are not sealed yet: only their streams vouch for them\n"
        )


async def _verified(url: str, witness: Witness) -> Finding:
    # Reading everything may take longer than a transaction normally may.
    settings = {"application_name": "cecoia verify", "transaction_timeout": "0", "timezone": "UTC"}
    connection = await asyncpg.connect(url, timeout=10, server_settings=settings)
    try:
        return await verify(connection, witness)
    finally:
        await connection.close()


def _seal(variables: Mapping[str, str]) -> None:
    """Seal the journal block by block until told to stop."""
    logs.configure("sealer")
    url = _database_url(variables)
    wait_for_database(url)
    try:
        asyncio.run(_until_stopped(url, Witness.of(variables)))
    except _REFUSALS as error:
        logs.logger(__name__).error("sealer_refuses", error=type(error).__name__, reason=str(error))
        raise SystemExit(1) from error


async def _until_stopped(url: str, witness: Witness) -> None:
    pool = await connect_pool(url, ROLE, name="cecoia sealer", size=1)
    sealing = asyncio.create_task(Sealer(pool, witness, clock.now).run())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, sealing.cancel)
    try:
        with suppress(asyncio.CancelledError):
            await sealing
    finally:
        with suppress(TimeoutError):
            await asyncio.wait_for(pool.close(), 3)


COMMANDS: dict[str, Callable[[Mapping[str, str]], None]] = {"migrate": _migrate, "verify": _verify, "seal": _seal}


def main() -> None:
    """Read the command line and do it; exits 1 with one line that says why when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m shared.journal", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, do in COMMANDS.items():
        commands.add_parser(name, help=do.__doc__)
    command = parser.parse_args().command
    try:
        COMMANDS[command](stack_variables())
    except _REFUSALS as error:
        raise SystemExit(f"{command}: {error}") from error


if __name__ == "__main__":
    main()
