"""Brings a database to the present shape: numbered SQL files, each applied once, each remembered with its hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import asyncpg
from asyncpg.exceptions import InternalServerError

from shared.database import Connection, statements

FOLDER: Final = Path(__file__).with_name("migrations")
_LEDGER = statements(__file__, "ledger.sql")
_ROLES = statements(__file__, "roles.sql")
_FILE = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
#: Waiting for a lock stops everybody behind it, so a migration would rather fail.
_LIMITS = {"lock_timeout": "5s", "statement_timeout": "5min"}


class MigrationError(Exception):
    """The database and the files do not agree; the message says how."""


class Migration(NamedTuple):
    """A numbered file of SQL."""

    number: int
    name: str
    sql: str

    @property
    def label(self) -> str:
        """The name of its file, e.g. `0001_words`."""
        return f"{self.number:04}_{self.name}"

    @property
    def sha256(self) -> str:
        """Hash of the text, in hexadecimal."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(folder: Path = FOLDER) -> list[Migration]:
    """The files of a folder in the order of their numbers.

    Raises:
        MigrationError: a name does not look like `0001_words.sql`, or a number stands twice.
    """
    found = []
    for path in sorted(folder.glob("*.sql")):
        if not (match := _FILE.fullmatch(path.name)):
            raise MigrationError(f"{path.name} is not named like 0001_words.sql")
        found.append(Migration(int(match[1]), match[2], path.read_text(encoding="utf-8")))
    numbers = [migration.number for migration in found]
    if twice := {number for number in numbers if numbers.count(number) > 1}:
        raise MigrationError(f"numbers that stand twice: {sorted(twice)}")
    return found


def missing(applied: Sequence[asyncpg.Record], wanted: Sequence[Migration]) -> list[Migration]:
    """What is still to do, in order.

    All databases go through the same files in the same order, old ones and fresh ones alike: a new file takes the next
    number, and never one that was left free.

    Raises:
        MigrationError: a file was changed after it was applied, or stands below one that was applied, or the database
            is ahead of these files.
    """
    files = {migration.number: migration for migration in wanted}
    for row in applied:
        known = files.pop(row["number"], None)
        label = f"{row['number']:04}_{row['name']}"
        if known is None:
            raise MigrationError(
                f"{label} was applied to this database by a newer version, and is not among the files here"
            )
        if known.sha256 != row["sha256"]:
            raise MigrationError(f"{label} was changed after it was applied; write a new migration instead")
    newest = max((row["number"] for row in applied), default=0)
    if late := [migration.label for migration in files.values() if migration.number < newest]:
        raise MigrationError(
            f"{', '.join(late)} came too late: this database went on to {newest:04} without; "
            "a new migration takes the next number"
        )
    return list(files.values())


async def migrate(url: str, folder: Path = FOLDER, *, until: int | None = None) -> list[str]:
    """Apply what is missing; two at once wait for each other.

    Args:
        url: address of the database, as its owner.
        folder: where the numbered files are.
        until: number of the last one that is wanted; None for all.

    Returns:
        Names of the migrations that were applied now.

    Raises:
        MigrationError: see `missing`; or the last one that is wanted is of a newer version.
        OSError, asyncpg.PostgresError: the database is away, or refuses.
    """
    wanted = _until(read_migrations(folder), until)
    connection = await asyncpg.connect(url, timeout=10, server_settings={"application_name": "cecoia migrate"})
    try:
        await make_roles(connection)
        await connection.execute("SELECT pg_advisory_lock(hashtext('cecoia'), hashtext('migrate'))")
        await connection.execute(_LEDGER.prepare)
        todo = missing(await connection.fetch(_LEDGER.applied), wanted)
        for migration in todo:
            await _apply(connection, migration)
        await connection.execute("SELECT journal.make_partitions()")
        return [migration.label for migration in todo]
    finally:
        await connection.close()


def _until(files: list[Migration], last: int | None) -> list[Migration]:
    if last is None:
        return files
    if last not in {migration.number for migration in files}:
        raise MigrationError(f"migration {last:04} is of a newer version, and is not among the files here")
    return [migration for migration in files if migration.number <= last]


async def make_roles(connection: Connection, tries: int = 20) -> None:
    """Make the roles that the services work as, where they are missing.

    They are shared by all databases of a server: another migration may be granting them at this very moment.
    """
    for left in reversed(range(tries)):
        try:
            await connection.execute(_ROLES.make)
        except (InternalServerError, asyncpg.UniqueViolationError):  # "tuple concurrently updated"
            if not left:
                raise
        else:
            return


async def _apply(connection: Connection, migration: Migration) -> None:
    async with connection.transaction():
        for setting, value in _LIMITS.items():
            await connection.execute("SELECT set_config($1, $2, true)", setting, value)
        await connection.execute(migration.sql)
        await connection.execute(_LEDGER.record, migration.number, migration.name, migration.sha256)
