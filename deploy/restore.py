"""Bring a backup into an empty home, before it is started: `python -m deploy.restore FOLDER [--keys FILE]`."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import Final

import asyncpg

from deploy import database
from deploy.archive import (
    DATABASE,
    DOCUMENTS,
    FORGOTTEN,
    KEYS,
    SEALS,
    Backup,
    attached,
    carry_out,
    copy_documents,
    copy_mails,
    read,
    store_in,
)
from deploy.dumps import load
from deploy.furnishing import furnish
from deploy.home import Refused
from shared import clock
from shared.database import statements
from shared.documents import DocumentStore
from shared.journal.migrate import make_roles

_SQL = statements(__file__, "restore.sql")
#: Numbers that are left out on this day: those that were given after the backup must not come again.
_ROOM: Final = 10_000


def restore(folder: Path, keys: Path, home: Path, documents_url: str | None = None) -> Backup:
    """Restore a backup; what was interrupted before can be begun again.

    Args:
        folder: the backup.
        keys: file of the keys; persons who are not in it are erased in what is restored.
        home: empty, and not in use.
        documents_url: of the store that gets the documents; None for the one in the home.

    Returns:
        What was restored; `documents` and `lost` say what became of the documents.

    Raises:
        Refused: it is no backup, has no keys, or the home is not empty.
        Exception: one of `FAILURES`.
    """
    backup = read(folder)
    if not keys.exists():
        raise Refused(f"{keys} is not there; a backup without keys needs those of another, with --keys")

    async def fill(part: Path, url: str) -> Backup:
        if (folder / SEALS).exists():
            shutil.copyfile(folder / SEALS, part / SEALS)
        return await _load(url, folder, keys, documents_url or (part / DOCUMENTS).as_uri(), backup)

    return furnish(home, "restoring", fill, backup.transaction)


async def _load(url: str, folder: Path, keys: Path, documents_url: str, backup: Backup) -> Backup:
    """Fill an empty server, and the store with the documents that incidents have."""
    await database.make(url)
    connection = await asyncpg.connect(url, timeout=10)
    try:
        await make_roles(connection)
        await asyncio.to_thread(load, url, folder / DATABASE)
        await asyncio.to_thread(load, url, keys, "--data-only")
        for forget in FORGOTTEN:
            await connection.execute(forget)
        await connection.execute(_SQL.open_day, clock.paris_date(clock.now()))
        await connection.execute(_SQL.skip_numbers, _ROOM)
        if backup.documents is None:
            return backup
        source, target = store_in(folder), DocumentStore(documents_url)
        await copy_mails(source, target)
        return backup.with_documents(*await copy_documents(source, target, attached(connection)))
    finally:
        await connection.close()


def _into_home(variables: dict[str, str], folder: Path, keys: Path) -> str:
    """Restore a backup into the home of the stack; gives a line about it.

    Of addresses, those that the operator gives count, and none that an earlier stack left in the home.
    """
    if os.environ.get("CECOIA_DATABASE_URL"):
        raise Refused("a backup is restored into the PostgreSQL of a home; unset CECOIA_DATABASE_URL")
    home = Path(variables["CECOIA_HOME"])
    restored = restore(folder.resolve(), keys, home, os.environ.get("CECOIA_DOCUMENTS_URL"))
    return f"{home} has {restored}; once it is started, lists fill up by themselves and make verify proves it"


def main() -> int:
    """Read the command line and do it; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.restore", description=__doc__)
    parser.add_argument("folder", type=Path, help="the backup")
    parser.add_argument("--keys", type=Path, help="keys of another backup, e.g. of a later one")
    given = parser.parse_args()
    return carry_out(lambda variables: _into_home(variables, given.folder, given.keys or given.folder / KEYS))


if __name__ == "__main__":
    sys.exit(main())
