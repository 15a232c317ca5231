"""An operator sees how far the projections are behind."""

import math

from prometheus_client import REGISTRY

from services.query import lag
from services.query.projections.registry import PROJECTIONS
from tests.integration.query.conftest import built
from tests.support.waiting import until


def gauge(name, **labels):
    return REGISTRY.get_sample_value(name, labels)


async def test_what_is_behind_is_counted_and_aged(journal, query_pool):
    await journal.create(await journal.person("claire"))
    stored = await journal.pool.fetchval("select count(*) from journal.events")
    async with query_pool.acquire() as connection:
        await lag.measure(connection)
        assert gauge("cecoia_projection_behind_events", projection="facts") == stored
        assert gauge("cecoia_projection_behind_seconds", projection="facts") > 0
        await built(query_pool, PROJECTIONS["facts"])
        await lag.measure(connection)
    assert gauge("cecoia_projection_behind_events", projection="facts") == 0
    assert gauge("cecoia_projection_behind_seconds", projection="facts") == 0
    assert gauge("cecoia_projection_behind_events", projection="tracking") == stored


async def test_a_transaction_that_holds_followers_back_is_aged(journal, query_pool):
    async with journal.pool.acquire() as writer, writer.transaction():
        await writer.execute("select pg_current_xact_id()")
        async with query_pool.acquire() as connection:
            await lag.measure(connection)
    assert gauge("cecoia_journal_fence_seconds") > 0


async def test_a_figure_that_cannot_be_known_is_none(query_pool):
    async with query_pool.acquire() as connection:
        await lag.measure(connection)
    await query_pool.close()

    async def unknown():
        return math.isnan(gauge("cecoia_journal_fence_seconds"))

    async with lag.watching(query_pool, every=0.01):
        await until(unknown)


async def test_metrics_hold_the_lag(api):
    async def shown():
        return "cecoia_projection_behind_seconds{" in (await api.as_("x").get("/metrics")).text

    await until(shown)
