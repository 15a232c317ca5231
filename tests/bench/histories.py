"""Two journals with simulated pasts, one ten or a hundred times as long as the other, and those who read each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, NamedTuple

import asyncpg

from deploy.database import bring_up_to_date
from deploy.run import CATALOGUE
from deploy.simulate import rhythm
from deploy.simulate.__main__ import simulate
from services.query.projections import generations
from services.query.projections.registry import PROJECTIONS
from shared import clock
from shared.database import Connection
from shared.journal.records import Position
from shared.settings import Settings
from tests.bench.ground import Ground, await_listening, ground
from tests.support.identity import IdentityProvider
from tests.support.stack import free_ports

_DAYS: Final = 365
_HEAD: Final = "SELECT xid, position FROM journal.events ORDER BY xid DESC, position DESC LIMIT 1"
_SEALED: Final = "SELECT last_xid, last_position FROM journal.blocks ORDER BY number DESC LIMIT 1"


class History(NamedTuple):
    """One journal: how many incidents, address of its database, port of its query process, readers by process id."""

    incidents: int
    database_url: str
    query: int
    readers: Mapping[str, int]


class Histories(NamedTuple):
    """Both, and who signs tokens for both."""

    few: History
    many: History
    identity: IdentityProvider


@asynccontextmanager
async def histories(*, quick: bool) -> AsyncIterator[Histories]:
    """Write both pasts and have them read: by projector and sealer from the first event to the last, and by query."""
    sizes = {"few": 500, "many": 5_000} if quick else {"few": 10_000, "many": 1_000_000}
    with ground() as standing:
        port = free_ports()
        made = [
            await _history(standing, name, port + 4 * rank, incidents)
            for rank, (name, incidents) in enumerate(sizes.items())
        ]
        yield Histories(*made, standing.identity)


async def _history(standing: Ground, database: str, port: int, incidents: int) -> History:
    variables = standing.variables(database, port)
    await bring_up_to_date(variables, CATALOGUE.read_text(encoding="utf-8"))
    first = clock.paris_date(clock.now()) - timedelta(days=_DAYS)
    await simulate(Settings.read(variables), rhythm.days(first, _DAYS, incidents), seed=1, processes=2)
    readers = {
        "projector": standing.start(variables, "services.query", "project"),
        "sealer": standing.start(variables, "shared.journal", "seal"),
    }
    await _read_whole(variables["CECOIA_DATABASE_URL"])
    readers["query"] = standing.start(variables, "services.query")
    await_listening(port + 2)
    return History(incidents, variables["CECOIA_DATABASE_URL"], port + 2, readers)


async def _read_whole(database_url: str) -> None:
    """Wait until everything is projected and sealed."""
    connection = await asyncpg.connect(database_url)
    try:
        while not await _at_head(connection):
            await asyncio.sleep(0.2)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _at_head(connection: Connection) -> bool:
    head, sealed = [Position(*await connection.fetchrow(query) or (0, 0)) for query in (_HEAD, _SEALED)]
    current = [await generations.current(connection, name) for name in PROJECTIONS]
    return sealed == head and all(one and one.position == head for one in current)
