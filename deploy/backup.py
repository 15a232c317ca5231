"""Copy all that cannot be made again, while the stack runs: `python -m deploy.backup FOLDER [--without-keys]`."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from pathlib import Path

import asyncpg

from deploy.archive import (
    DATABASE,
    DOCUMENTS,
    KEYS,
    SEALS,
    Backup,
    attached,
    carry_out,
    copy_documents,
    copy_mails,
    describe,
    store_in,
)
from deploy.dumps import dump
from deploy.home import Refused
from shared import clock
from shared.database import Connection, statements
from shared.documents import DocumentStore
from shared.journal.witness import Witness

_SQL = statements(__file__, "backup.sql")


def back_up(database_url: str, documents_url: str, seals: Path, folder: Path, *, with_keys: bool = True) -> Backup:
    """Make a backup; nobody is held up.

    Args:
        database_url: as the owner.
        documents_url: of the store.
        seals: the witness; it need not be there.
        folder: to be made; the backup is whole when it has this name.
        with_keys: without, keys and documents are left out, which are all that is not sealed.

    Raises:
        Refused: the folder is there.
        Exception: one of `FAILURES`.
    """
    if folder.exists():
        raise Refused(f"{folder} is there already")
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700, parents=True)
    if seals.exists():  # before the snapshot, which then has every block that is witnessed
        shutil.copyfile(seals, part / SEALS)
    made = asyncio.run(_copy(database_url, documents_url if with_keys else None, part))
    describe(part, made)
    part.replace(folder)
    return made


async def _copy(database_url: str, documents_url: str | None, folder: Path) -> Backup:
    """Copy the database as it is at one moment, then documents; they never change, so those of that moment are there.

    Args:
        database_url: as `back_up`.
        documents_url: None leaves out keys and documents.
        folder: gets everything.
    """
    patient = {"transaction_timeout": "0", "idle_in_transaction_session_timeout": "0"}
    connection = await asyncpg.connect(
        database_url, timeout=10, server_settings={"application_name": "cecoia backup", **patient}
    )
    try:
        made = await _dump(connection, database_url, folder, with_keys=documents_url is not None)
        if documents_url is None:
            return made
        source, target = DocumentStore(documents_url), store_in(folder)
        await copy_mails(source, target)
        return made.with_documents(*await copy_documents(source, target, attached(connection)))
    finally:
        await connection.close()


async def _dump(connection: Connection, url: str, folder: Path, *, with_keys: bool) -> Backup:
    """Dump one snapshot: keys into a file of their own, and no projections, which have names and texts in the clear."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        made_at = clock.now()
        snapshot, transaction, events = (await connection.fetch(_SQL.snapshot))[0]
        projections = [f"--exclude-schema={row['schema']}" for row in await connection.fetch(_SQL.projections)]
        left_out = ("--exclude-table-data=keys.*", "--exclude-table-data=query.generations", *projections)
        await asyncio.to_thread(dump, url, snapshot, folder / DATABASE, *left_out)
        if with_keys:
            await asyncio.to_thread(dump, url, snapshot, folder / KEYS, "--data-only", "--schema=keys")
            await asyncio.to_thread((folder / KEYS).chmod, 0o600)
    return Backup(made_at=made_at, transaction=transaction, events=events)


def _of_stack(variables: dict[str, str], folder: Path, *, with_keys: bool) -> str:
    """Make a backup of the stack that runs; gives a line about it."""
    home = Path(variables["CECOIA_HOME"])
    if "CECOIA_DATABASE_URL" not in variables:
        raise Refused(f"no stack runs in {home}; start it first")
    documents_url = variables.get("CECOIA_DOCUMENTS_URL") or (home / DOCUMENTS).as_uri()
    seals = Witness.of(variables).path
    made = back_up(variables["CECOIA_DATABASE_URL"], documents_url, seals, folder.resolve(), with_keys=with_keys)
    return f"{folder} has {made}"


def main() -> int:
    """Read the command line and do it; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.backup", description=__doc__)
    parser.add_argument("folder", type=Path, help="to be made")
    parser.add_argument("--without-keys", action="store_true", help="leave out what is not sealed: keys and documents")
    given = parser.parse_args()
    return carry_out(lambda variables: _of_stack(variables, given.folder, with_keys=not given.without_keys))


if __name__ == "__main__":
    sys.exit(main())
