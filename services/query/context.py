"""What every route reads with, and the reader it reads for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, NamedTuple

import asyncpg
import msgspec
from litestar.datastructures import State
from litestar.di import NamedDependency

from services.query.changes import Hub
from services.query.feed.reading import History
from services.query.feed.streams import Streams
from services.query.projections import catalogue
from services.query.projections.generations import Readers, not_yet
from services.query.projections.registry import PROJECTIONS
from services.query.viewer import Viewer
from shared.catalogue import Catalogue
from shared.database import Connection, Pool
from shared.documents import DocumentStore
from shared.http.identity import Caller
from shared.journal.sealing import Vault
from shared.logs import logger

_log = logger(__name__)

#: What reading a generation of other code may come to: it lacks a column, or holds an event that this code cannot read.
_OTHER: Final = (asyncpg.UndefinedColumnError, asyncpg.UndefinedTableError, KeyError, msgspec.ValidationError)


class Context(NamedTuple):
    """The open ends of the process; `reopening` is for how long an incident that was closed may be opened again."""

    pool: Pool
    vault: Vault
    readers: Readers
    hub: Hub
    history: History
    streams: Streams
    store: DocumentStore
    issuer: str
    reopening: timedelta

    @asynccontextmanager
    async def projection(self, name: str) -> AsyncIterator[tuple[Connection, str]]:
        """A connection, and the schema to read a projection from.

        Raises:
            Problem: 503 while there is no generation yet, or only one of other code that lacks what this code reads.
        """
        async with self.pool.acquire() as connection:
            generation = await self.readers.generation(connection, name)
            try:
                yield connection, generation.schema
            except _OTHER as error:
                if generation.recipe == PROJECTIONS[name].recipe:
                    raise
                _log.warning("projection_outdated", schema=generation.schema)
                raise not_yet() from error

    async def catalogue(self) -> Catalogue:
        """The catalogue of the tracking view."""
        async with self.projection("tracking") as (connection, schema):
            return await catalogue.read(connection, schema)


#: How routes ask for the two.
Here = NamedDependency[Context]
Reader = NamedDependency[Viewer]


async def provide_context(state: State) -> Context:
    """Litestar dependency `context`."""
    context: Context = state.context
    return context


async def provide_viewer(context: Here, caller: NamedDependency[Caller]) -> Viewer:
    """Litestar dependency `viewer`; somebody who signs in for the first time is known from now on."""
    person = await context.vault.person(issuer=context.issuer, sub=caller.sub, name=caller.name, email=caller.email)
    return Viewer(person, caller)
