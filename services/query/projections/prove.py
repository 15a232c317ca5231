"""Proof that a projection is what the journal says: a fresh build, equal table by table at the same position."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from services.query.projections import generations
from services.query.projections.generations import Generation, Projection
from services.query.projections.rebuild import PAGE, build, catch_up, only_one
from shared.database import Connection, Pool, statements
from shared.journal.records import Position
from shared.journal.sealing import Vault

_sql = statements(__file__, "prove.sql")
_SHOWN: Final = 10

#: Part of a table -> number of rows and sum of their hashes.
Content = dict[str, tuple[int, int]]


class NothingToProveError(Exception):
    """No generation of the projection is read yet."""


class Difference(NamedTuple):
    """What is not the same in one table; rows are cut at 200 characters, ten of each at most."""

    table: str
    only_read: list[str]
    only_fresh: list[str]


class Proof(NamedTuple):
    """What a comparison came to.

    Attributes:
        rows: number of rows of each table of the generation that is read.
        differences: empty when both are equal.
    """

    position: Position
    rows: dict[str, int]
    differences: list[Difference]


async def prove(pool: Pool, reader: Connection, vault: Vault, projection: Projection, *, page: int = PAGE) -> Proof:
    """Compare the current generation with a fresh one.

    Both are seen at one position: a snapshot of the current one is held open, which takes no transaction id and so
    holds nobody back, while the fresh one is filled exactly up to what that snapshot shows.

    Args:
        pool: of the role that owns generations.
        reader: a connection of its own for the snapshot, without a limit on transactions.
        vault: opens the texts.
        projection: which.
        page: events a transaction while the fresh one is filled.

    Raises:
        AlreadyRunningError: another process is rebuilding or proving the same projection.
        NothingToProveError: there is no current generation yet.
    """
    async with only_one(pool, projection.name) as holder:
        await generations.drop_old(holder, projection.name, grace=60.0, unfinished=True)
        if (read := await generations.current(holder, projection.name)) is None:
            raise NothingToProveError(projection.name)
        fresh = await build(pool, vault, projection, page=page, until=read.position)
        try:
            async with reader.transaction(isolation="repeatable_read", readonly=True):
                read = await generations.current(reader, projection.name) or read
                await catch_up(pool, vault, projection, fresh, page=page, until=read.position)
                return await _compare(reader, holder, projection, read, fresh)
        finally:
            await generations.drop(holder, fresh)


async def _compare(
    reader: Connection, holder: Connection, projection: Projection, read: Generation, fresh: Generation
) -> Proof:
    rows, differences = {}, []
    for table in projection.tables:
        one = await _content(reader, read, table)
        other = await _content(holder, fresh, table)
        rows[table] = sum(count for count, _ in one.values())
        if parts := [part for part in one.keys() | other.keys() if one.get(part) != other.get(part)]:
            found, expected = await _rows(reader, read, table, parts), await _rows(holder, fresh, table, parts)
            differences.append(Difference(table, _besides(found, expected), _besides(expected, found)))
    return Proof(read.position, rows, differences)


async def _content(connection: Connection, generation: Generation, table: str) -> Content:
    found = await connection.fetch(_filled(_sql.hash, generation, table))
    return {row["part"]: (row["count"], row["sum"]) for row in found}


async def _rows(connection: Connection, generation: Generation, table: str, parts: list[str]) -> dict[str, str]:
    found = await connection.fetch(_filled(_sql.rows, generation, table), parts)
    return {row["hash"]: row["row"] for row in found}


def _besides(rows: dict[str, str], others: dict[str, str]) -> list[str]:
    return [row for key, row in rows.items() if key not in others][:_SHOWN]


def _filled(statement: str, generation: Generation, table: str) -> str:
    return statement.replace("{schema}", generation.schema).replace("{table}", table)


def told(projection: Projection, proof: Proof) -> Iterator[str]:
    """What the command prints."""
    for table, count in proof.rows.items():
        yield f"{projection.name}.{table}: {count} rows"
    for difference in proof.differences:
        yield f"{projection.name}.{difference.table} differs"
        yield from (f"  too many {row}" for row in difference.only_read)
        yield from (f"  missing  {row}" for row in difference.only_fresh)
    yield "different" if proof.differences else "equal"
