"""Generations: a projection is rebuilt beside the one that is read, then takes its place in one step.

The tables of a generation live in a schema of their own, `tracking_3`; its follower's checkpoint is called
`query.tracking.3`. The idea is Marten's blue/green rebuild (JasperFx/marten, docs/events/projections/rebuilding.md).
"""

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from shared.database import Connection, Statements, statements
from shared.events.base import Event
from shared.http.problems import Problem, unavailable
from shared.journal.read import checkpoint
from shared.journal.records import START, Position, Recorded
from shared.wire.incidents import Change

_COMMENT: Final = re.compile(r"--.*")
_SCHEMA: Final = re.compile(r"^[a-z]{1,30}_[1-9][0-9]{0,8}$")


class Touched(msgspec.Struct, frozen=True):
    """An incident that a page changed: what to tell, and the people and groups it concerns."""

    change: Change
    people: frozenset[UUID]
    groups: frozenset[str]


class Projection(NamedTuple):
    """A way to read the journal.

    Attributes:
        name: lower-case letters; first part of the schemas.
        version: of what `apply` makes of events; to be raised with every change of it that older rows do not show.
        sources: modules whose `.sql` holds a statement `tables`.
        tables: what `prove` compares.
        handles, ignores: every event stands in one of them.
        apply: takes one page into the tables of a schema; events that they already hold change nothing.
        personal: whether it needs the texts; otherwise it is spared their unsealing, and sees them sealed.
    """

    name: str
    version: int
    sources: tuple[str, ...]
    tables: tuple[str, ...]
    handles: frozenset[type[Event]]
    ignores: frozenset[type[Event]]
    apply: Callable[[Connection, str, Sequence[Recorded]], Awaitable[list[Touched]]]
    personal: bool = True

    @property
    def recipe(self) -> str:
        """Tells generations of different code apart: a digest of the version and of the tables, comments left out."""
        tables = [_COMMENT.sub("", _named(source).tables).split() for source in self.sources]
        return sha256(repr((self.version, tables)).encode()).hexdigest()


class Generation(NamedTuple):
    """One build of a projection, how far it has followed the journal, and the recipe of the code that made it."""

    projection: str
    number: int
    position: Position = START
    recipe: str | None = None

    @property
    def schema(self) -> str:
        """Where its tables live."""
        return f"{self.projection}_{self.number}"

    @property
    def checkpoint(self) -> str:
        """The name under which its position is kept."""
        return f"query.{self.projection}.{self.number}"


def _named(module_file: str) -> Statements:
    return statements(module_file, Path(module_file).with_suffix(".sql").name)


@cache
def sql(module_file: str, schema: str) -> Statements:
    """The named statements beside a module, for the tables of one generation.

    Raises:
        ValueError: the schema is no name of a generation.
    """
    if not _SCHEMA.match(schema):
        raise ValueError(schema)
    named = vars(_named(module_file))
    return Statements({name: text.replace("{schema}", schema) for name, text in named.items()})


_sql = statements(__file__, "generations.sql")


async def current(connection: Connection, projection: str) -> Generation | None:
    """The generation that is read now, at the position its tables show; None before the first one."""
    row = await connection.fetchrow(_sql.current, projection)
    if row is None:
        return None
    position = START if row["position"] is None else Position(row["xid"], row["position"])
    return Generation(projection, row["generation"], position, row["recipe"])


async def begin(connection: Connection, projection: Projection) -> Generation:
    """A new empty generation, which nobody reads before it is filled and promoted."""
    async with connection.transaction():
        await connection.execute(_sql.lock, projection.name)
        number = await connection.fetchval(_sql.begin, projection.name, projection.recipe)
        made = Generation(projection.name, number, recipe=projection.recipe)
        # One of the same name may have been lost with its rows, its checkpoint kept by the journal.
        await connection.execute(_sql.forget_checkpoint, made.checkpoint)
        await connection.execute("select query.make_schema($1, $2)", projection.name, number)
        for source in projection.sources:
            await connection.execute(sql(source, made.schema).tables)
    return made


async def promote(connection: Connection, generation: Generation) -> None:
    """Let a filled generation be read, instead of the current one where there is one."""
    async with connection.transaction():
        await connection.execute(_sql.lock, generation.projection)
        await connection.execute(_sql.retire, generation.projection)
        await connection.execute(_sql.promote, generation.projection, generation.number)


async def drop(connection: Connection, generation: Generation) -> None:
    """Remove a generation that nobody reads any more."""
    async with connection.transaction():
        await connection.execute(f"drop schema if exists {generation.schema} cascade")
        await connection.execute(_sql.forget_checkpoint, generation.checkpoint)
        await connection.execute(_sql.forget, generation.projection, generation.number)


async def drop_old(connection: Connection, projection: str, *, grace: float, unfinished: bool = False) -> None:
    """Remove generations retired for longer than `grace` seconds and, if said so, those that were never finished."""
    for row in await connection.fetch(_sql.droppable, projection, grace, unfinished):
        await drop(connection, Generation(projection, row["generation"]))


def not_yet() -> Problem:
    """What readers are told while nothing can be read."""
    return unavailable(2, "Le suivi se prépare. Réessayez dans quelques instants.")


class Readers:
    """Which generations this process reads; looked up at most every second."""

    def __init__(self, lasts: float = 1.0) -> None:
        self._lasts = lasts
        self._known: dict[str, tuple[float, Generation]] = {}

    async def generation(self, connection: Connection, projection: str) -> Generation:
        """The generation to read from; its position is that of the last look.

        A new one is read once it shows no less than the one that was read before.

        Raises:
            Problem: 503 while the first generation is being filled.
        """
        looked_at, known = self._known.get(projection, (0.0, None))
        if known and time.monotonic() - looked_at < self._lasts:
            return known
        found = await current(connection, projection)
        if found is None:
            raise not_yet()
        if known and found.number != known.number and found.position < await checkpoint(connection, known.checkpoint):
            return known
        self._known[projection] = (time.monotonic(), found)
        return found
