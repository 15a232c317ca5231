"""A generation that other code made is built anew by the projector itself, and read until then."""

import asyncio

import pytest

from services.query.projections import generations
from services.query.projections.following import end
from services.query.projections.projector import Projector
from services.query.projections.registry import PROJECTIONS
from shared.events.vocabulary import Role
from shared.journal.sealing import Vault
from tests.integration.query.conftest import built
from tests.support.waiting import until

TRACKING = PROJECTIONS["tracking"]
NEWER = TRACKING._replace(version=TRACKING.version + 1)


@pytest.fixture
async def projecting(query_pool, redis_url):
    """Starts projectors that end with the test."""
    tasks = []

    def start(projection):
        projections = {**PROJECTIONS, "tracking": projection}
        made = Projector(query_pool, Vault(query_pool), redis_url, projections, handover=0.6, grace=0.8)
        tasks.append(asyncio.create_task(made.run()))
        return tasks[-1]

    yield start
    for task in tasks:
        await end(task)


@pytest.fixture
def shown(query_pool):
    """Waits until the tracking view shows a position in a generation of a recipe, and gives it."""

    async def wait(projection, outcome):
        found = None

        async def reached():
            nonlocal found
            async with query_pool.acquire() as connection:
                found = await generations.current(connection, "tracking")
            return found and found.recipe == projection.recipe and found.position >= outcome.position

        await until(reached)
        return found

    return wait


def test_a_recipe_tells_tables_and_versions_apart():
    assert TRACKING.recipe == TRACKING._replace().recipe
    assert len({TRACKING.recipe, NEWER.recipe, PROJECTIONS["facts"].recipe}) == 3


async def test_what_older_code_made_is_replaced_and_read_until_then(api, journal, query_pool, projecting, shown):
    """As after a column was added: the new code cannot write into the old tables, and need not."""
    _, first = await journal.create(await journal.person("claire"))
    await end_after(projecting(TRACKING), shown(TRACKING, first))
    await query_pool.execute("alter table tracking_1.incidents drop column documents")
    await query_pool.execute("update query.generations set recipe = 'older' where projection = 'tracking'")
    client = api.as_("claire")
    assert (await client.get("/v1/subjects")).status_code == 200
    assert (await client.get("/v1/incidents")).status_code == 503
    _, last = await journal.create(await journal.person("claire"))
    projecting(TRACKING)
    assert (await shown(TRACKING, last)).number == 2
    await until(lambda: shows(client, 2))


async def shows(client, count):
    answer = await client.get("/v1/incidents")
    return answer.status_code == 200 and answer.json()["total"] == count


async def end_after(task, waiting):
    await waiting
    await end(task)


async def test_readers_wait_where_the_old_tables_lack_what_they_read(api, journal, query_pool, projecting, shown):
    _, first = await journal.create(await journal.person("claire"))
    await end_after(projecting(TRACKING), shown(TRACKING, first))
    await query_pool.execute("alter table tracking_1.incidents drop column status cascade")
    await query_pool.execute("update query.generations set recipe = null where projection = 'tracking'")
    answer = await api.as_("nadia", Role.AGENT, groups=("messagerie",)).get("/v1/queues")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


async def test_nobody_writes_into_what_other_code_made(journal, query_pool, projecting, shown):
    """A second projector of newer code: it rebuilds, the older one steps back and does not rebuild in turn."""
    _, first = await journal.create(await journal.person("claire"))
    projecting(TRACKING)
    await shown(TRACKING, first)
    projecting(NEWER)
    assert (await shown(NEWER, first)).number == 2
    _, last = await journal.create(await journal.person("claire"))
    assert (await shown(NEWER, last)).number == 2
    await until(lambda: gone(query_pool, "tracking_1"))
    rows = await query_pool.fetch("select generation, state from query.generations where projection = 'tracking'")
    assert [tuple(row) for row in rows] == [(2, "current")]


async def gone(pool, schema):
    return await pool.fetchval("select to_regnamespace($1) is null", schema)


async def test_going_back_to_older_code_builds_anew_too(journal, query_pool, projecting, shown):
    _, outcome = await journal.create(await journal.person("claire"))
    await built(query_pool, NEWER)
    projecting(TRACKING)
    assert (await shown(TRACKING, outcome)).number == 2
