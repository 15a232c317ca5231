"""What a backup is: a folder with dumps of the database, documents, the witness, and a description of all that."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import asyncpg
import msgspec

from deploy.home import Refused
from services.intake.post.archive import FOLDERS
from shared.database import Connection, statements
from shared.documents import DocumentStore, StoreFullError, StoreUnavailableError, object_path
from shared.environment import stack_variables
from shared.journal.migrate import MigrationError

_SQL = statements(__file__, "archive.sql")
_PAGE: Final = 1000

#: What is forgotten where data arrive that were made elsewhere.
FORGOTTEN: Final = (_SQL.forget_projections, _SQL.forget_again)

#: Names in the folder; the description is written last.
DATABASE: Final = "database.dump"
KEYS: Final = "keys.dump"
SEALS: Final = "seals.log"
DOCUMENTS: Final = "documents"
DESCRIPTION: Final = "backup.json"

#: What making or restoring one may fail of.
FAILURES: Final = (
    Refused,
    OSError,
    asyncpg.PostgresError,
    MigrationError,
    subprocess.CalledProcessError,
    StoreUnavailableError,
    StoreFullError,
)


class Objects(Protocol):
    """Small objects by their paths, as a `DocumentStore` has them."""

    async def read(self, path: str) -> bytes:
        """What stands there; raises FileNotFoundError."""

    async def write(self, path: str, content: bytes) -> None:
        """Put it there."""


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """The description.

    Attributes:
        made_at: the instant of its snapshot, nearly.
        transaction: id before which every position lies that had been given out.
        events: how many events are in it.
        documents: likewise; None for a backup without keys, which has none.
        lost: sha256 of documents that incidents have and the store has not, or no longer as they were.
    """

    made_at: datetime
    transaction: int
    events: int
    documents: int | None = None
    lost: tuple[str, ...] = ()

    def with_documents(self, copied: int, lost: list[str]) -> Backup:
        """The same, with what became of the documents."""
        return msgspec.structs.replace(self, documents=copied, lost=tuple(lost))

    def __str__(self) -> str:
        documents = "without keys and documents" if self.documents is None else f"{self.documents} documents, keys"
        lost = f"; not to be found or damaged: {' '.join(self.lost)}" if self.lost else ""
        return f"{self.events} events of {self.made_at.isoformat(timespec='seconds')}, {documents}{lost}"


def describe(folder: Path, backup: Backup) -> None:
    """Write the description."""
    (folder / DESCRIPTION).write_bytes(msgspec.json.encode(backup))


def read(folder: Path) -> Backup:
    """Read the description.

    Raises:
        Refused: there is none.
    """
    try:
        return msgspec.json.decode((folder / DESCRIPTION).read_bytes(), type=Backup)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        raise Refused(f"{folder} is no whole backup") from None


def store_in(folder: Path) -> DocumentStore:
    """The documents in the folder of a backup, or in a home."""
    return DocumentStore((folder / DOCUMENTS).as_uri())


async def attached(connection: Connection) -> AsyncIterator[str]:
    """The sha256 of each document that an incident has."""
    last = ""
    while rows := await connection.fetch(_SQL.attached, last, _PAGE):
        for row in rows:
            yield row["sha256"]
        last = rows[-1]["sha256"]


async def copy_documents(source: Objects, target: Objects, wanted: AsyncIterator[str]) -> tuple[int, list[str]]:
    """Copy documents, one at a time in memory; how many, and which are not there or no longer as they were.

    Args:
        source: where they lie.
        target: where they shall.
        wanted: their sha256.
    """
    copied, lost = 0, []
    async for sha256 in wanted:
        try:
            content = await source.read(object_path(sha256))
        except FileNotFoundError:
            content = b""
        if hashlib.sha256(content).hexdigest() == sha256:
            await target.write(object_path(sha256), content)
            copied += 1
        else:
            lost.append(sha256)
    return copied, lost


async def copy_mails(source: DocumentStore, target: DocumentStore) -> None:
    """Copy the mails that came in, sealed as they are."""
    for folder in FOLDERS:
        async for path, _ in source.names(folder):
            with suppress(FileNotFoundError):  # moved at this moment, to where it is found next
                await target.write(path, await source.read(path))


def carry_out(command: Callable[[dict[str, str]], str]) -> int:
    """Make or restore a backup for who typed it: nobody else may read what is written, and one line says how it went.

    Args:
        command: gets the variables of the stack, and gives the line.

    Returns:
        The exit code.
    """
    os.umask(0o077)
    try:
        line, code = command(stack_variables()), 0
    except FAILURES as error:
        line, code = why(error), 1
    print(f"cecoia: {line}")
    return code


def why(error: Exception) -> str:
    """What went wrong, in one line; programs say it in their last one."""
    said = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
    return (said.strip().splitlines() or [type(error).__name__])[-1]
