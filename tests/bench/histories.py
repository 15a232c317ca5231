"""Two journals with simulated pasts, one ten or a hundred times as long as the other, and a query process on each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple

from deploy.database import bring_up_to_date
from deploy.run import CATALOGUE
from deploy.simulate import rhythm
from deploy.simulate.__main__ import simulate
from services.query.app import ROLE
from services.query.projections.rebuild import rebuild
from services.query.projections.tracking import TRACKING
from shared import clock
from shared.database import connect_pool
from shared.journal.sealing import Vault
from shared.settings import Settings
from tests.bench.ground import await_listening, ground
from tests.support.identity import IdentityProvider
from tests.support.stack import free_ports

_DAYS = 365


class History(NamedTuple):
    """One journal: how many incidents, address of its database, port of its query process."""

    incidents: int
    database_url: str
    query: int


class Histories(NamedTuple):
    """Both, and who signs tokens for both."""

    few: History
    many: History
    identity: IdentityProvider


@asynccontextmanager
async def histories(*, quick: bool) -> AsyncIterator[Histories]:
    """Write both pasts, project them, and let them be read."""
    sizes = {"few": 500, "many": 5_000} if quick else {"few": 10_000, "many": 1_000_000}
    with ground() as standing:
        port = free_ports()
        made = []
        for rank, (name, incidents) in enumerate(sizes.items()):
            variables = standing.variables(name, port + 4 * rank)
            await bring_up_to_date(variables, CATALOGUE.read_text(encoding="utf-8"))
            await _fill(Settings.read(variables), incidents)
            standing.start(variables, "services.query")
            made.append(History(incidents, variables["CECOIA_DATABASE_URL"], port + 4 * rank + 2))
        for history in made:
            await_listening(history.query)
        yield Histories(*made, standing.identity)


async def _fill(settings: Settings, incidents: int) -> None:
    """Write a past, and bring the tracking projection to its end."""
    first = clock.paris_date(clock.now()) - timedelta(days=_DAYS)
    await simulate(settings, rhythm.days(first, _DAYS, incidents), seed=1, processes=2)
    pool = await connect_pool(settings.database_url, ROLE, name="cecoia bench")
    try:
        await rebuild(pool, Vault(pool), settings.redis_url, TRACKING, say=lambda _: None)
        await pool.execute("ANALYZE")
    finally:
        await pool.close()
