"""The tables beside the events that nothing can make again, each row a line of JSON as PostgreSQL itself writes it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Final

from deploy.home import Refused
from deploy.moving.cargo import KEYS, Part, read_part, write_part
from deploy.moving.lock import Lock
from shared.database import Connection, statements

_SQL = statements(__file__, "tables.sql")
_PART: Final = 10_000

#: What is carried, what refers to others after these.
CARRIED: Final = (
    "journal.blocks",
    "journal.number_days",
    "journal.checkpoints",
    "keys.secret",
    "keys.people",
    "keys.identities",
    "notifier.work",
    "notifier.webhook_health",
    "query.seen",
    "query.views",
)

#: What is not, and why.
LEFT_OUT: Final = {
    "journal.events": "carried by itself, its chains checked",
    "journal.streams": "follows from the events",
    "journal.migrations": "of the database, not of the history",
    "query.generations": "projections are made again",
}


async def pack(connection: Connection, folder: Path, lock: Lock) -> dict[str, list[Part]]:
    """Write all of them, as the transaction sees them, into parts by their names."""
    return {table: [part async for part in _parts(connection, folder, table, lock)] for table in CARRIED}


async def _parts(connection: Connection, folder: Path, table: str, lock: Lock) -> AsyncIterator[Part]:
    lines: list[bytes] = []
    number = 0
    async for row in connection.cursor(_SQL.lines.format(table=table), prefetch=_PART):
        lines.append(row["line"].encode())
        if len(lines) == _PART:
            number += 1
            yield _part(folder, table, number, lines, lock)
            lines = []
    if lines:
        yield _part(folder, table, number + 1, lines, lock)


def _part(folder: Path, table: str, number: int, lines: list[bytes], lock: Lock) -> Part:
    return write_part(folder, f"tables/{table}.{number:06}", lines, lock if table.startswith(KEYS) else None)


async def compare(connection: Connection, tables: Iterable[str]) -> None:
    """Make sure that these are the tables that this database, in the shape of its day, is to get.

    Raises:
        Refused: some are missing, or there are others.
    """
    wanted = {row["name"] for row in await connection.fetch(_SQL.present, CARRIED)}
    if strange := sorted(wanted.symmetric_difference(tables)):
        raise Refused(f"the export has other tables than its database had: {' '.join(strange)}")


async def unpack(connection: Connection, folder: Path, tables: dict[str, list[Part]], lock: Lock) -> None:
    """Fill them, each all or nothing; those that an interrupted attempt filled are left as they are.

    Raises:
        Refused: a part is damaged.
    """
    await connection.execute(_SQL.forget_secret)
    for table, parts in tables.items():
        if await connection.fetchval(_SQL.is_filled.format(table=table)):
            continue
        async with connection.transaction():
            for part in parts:
                rows = b",".join(read_part(folder, part, lock)).decode()
                await connection.execute(_SQL.fill.format(table=table), f"[{rows}]")


async def sequences(connection: Connection) -> dict[str, int]:
    """The last value that each sequence gave, by name."""
    return {row["name"]: row["last_value"] for row in await connection.fetch(_SQL.sequences)}


async def set_sequences(connection: Connection, values: dict[str, int]) -> None:
    """Let each sequence go on after a value."""
    for name, value in values.items():
        await connection.execute(_SQL.go_on_after, name, value)
