"""Generations: rebuilt beside the one that is read, swapped in, proved; live followers do nothing twice."""

import asyncio

import asyncpg
import pytest

from services.query.incidents.cursors import Order
from services.query.incidents.search import WORDS
from services.query.projections import generations, tracking
from services.query.projections import prove as comparison
from services.query.projections.following import end
from services.query.projections.projector import Projector
from services.query.projections.prove import prove, told
from services.query.projections.rebuild import AlreadyRunningError, catch_up, only_one, rebuild
from services.query.projections.registry import PROJECTIONS
from shared.database import statements
from shared.events import incident
from shared.events.catalogue import CannedTextDefined, CannedTextRetired
from shared.events.vocabulary import Role
from shared.journal.sealing import Vault
from tests.integration.query.conftest import CATALOGUE, built
from tests.support.waiting import until


@pytest.fixture
async def proof(database_url, query_pool):
    """Proves a projection and gives the result."""

    async def run(name, page=50):
        reader = await asyncpg.connect(database_url, server_settings={"role": "cecoia_query", "timezone": "UTC"})
        try:
            return await prove(query_pool, reader, Vault(query_pool), PROJECTIONS[name], page=page)
        finally:
            await reader.close()

    return run


#: A table of each projection, and how many rows twelve stories make there.
FULL = {"tracking": ("incidents", 12), "facts": ("lives", 12), "knowledge": ("errors", 3)}


async def schemas(pool):
    found = await pool.fetch(
        "select nspname from pg_namespace where nspname ~ '^(tracking|facts|knowledge)_[0-9]+$' order by 1"
    )
    return [row[0] for row in found]


async def states(pool, name="tracking"):
    rows = await pool.fetch("select generation, state from query.generations where projection = $1 order by 1", name)
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("name", sorted(PROJECTIONS))
@pytest.mark.parametrize("page", [1, 7, 1000])
async def test_a_fresh_build_equals_the_live_one_whatever_the_pages(  # noqa: PLR0917
    journal, projected, query_pool, proof, name, page
):
    streams = await journal.story(12)
    last = await journal.add(streams[0], incident.IncidentRouted(group="messagerie", rule="late", why="tard"))
    await projected(last.position)
    result = await proof(name, page)
    assert result.differences == []
    assert result.rows[FULL[name][0]] == FULL[name][1]
    assert await schemas(query_pool) == ["facts_1", "knowledge_1", "tracking_1"]
    assert list(told(PROJECTIONS[name], result))[-1] == "equal"


async def test_canned_texts_keep_their_order_whatever_the_pages(journal, projected, proof):
    defined = [CannedTextDefined(canned=code, label=code, text=code) for code in "abc"]
    for event in (*defined, CannedTextRetired(canned="a"), defined[0], CannedTextRetired(canned="b")):
        last = await journal.add(CATALOGUE, event)
    await projected(last.position)
    result = await proof("tracking")
    assert (result.differences, result.rows["canned_texts"]) == ([], 2)


async def test_a_doctored_row_is_found(journal, projected, query_pool, proof):
    await journal.story(8)
    _, last = await journal.create(await journal.person("claire"))
    await projected(last.position)
    await query_pool.execute("update tracking_1.incidents set urgency = 'low' where number = $1", last.number)
    await query_pool.execute("delete from facts_1.facts where day = (select min(day) from facts_1.facts)")
    (difference,) = (await proof("tracking")).differences
    assert difference.table == "incidents"
    assert len(difference.only_read) == len(difference.only_fresh) == 1
    assert last.number in difference.only_read[0]
    result = await proof("facts")
    assert [difference.table for difference in result.differences] == ["facts"]
    assert list(told(PROJECTIONS["facts"], result))[-1] == "different"


async def test_a_rebuild_while_writes_go_on_disturbs_no_reader(  # noqa: PLR0917
    api, journal, projected, query_pool, redis_url, proof
):
    claire = await journal.person("claire")
    for _ in range(30):
        _, last = await journal.create(claire)
    await projected(last.position)
    client = api.as_("claire")
    totals, stop = [], asyncio.Event()

    async def read():
        while not stop.is_set():
            answer = await client.get("/v1/incidents")
            assert answer.status_code == 200, answer.text
            totals.append(answer.json()["total"])

    async def write():
        while not stop.is_set():
            await journal.create(claire)
            await asyncio.sleep(0.02)

    reading, writing = asyncio.create_task(read()), asyncio.create_task(write())
    vault = Vault(query_pool)
    made = await rebuild(query_pool, vault, redis_url, PROJECTIONS["tracking"], page=10, grace=3.0, say=lambda _: None)
    stop.set()
    await asyncio.gather(reading, writing)
    assert totals == sorted(totals)
    assert made.number == 2
    assert await schemas(query_pool) == ["facts_1", "knowledge_1", "tracking_2"]
    assert await states(query_pool) == [(2, "current")]
    _, last = await journal.create(claire)
    await projected(last.position)
    assert (await proof("tracking")).differences == []
    assert await query_pool.fetchval("select count(*) from tracking_2.incidents") > totals[-1]


async def test_what_a_stopped_rebuild_left_is_removed_by_the_next(journal, projected, query_pool, redis_url):
    _, last = await journal.create(await journal.person("claire"))
    await projected(last.position)
    async with query_pool.acquire() as connection:
        await generations.begin(connection, PROJECTIONS["tracking"])
    assert await states(query_pool) == [(1, "current"), (2, "building")]
    projection = PROJECTIONS["tracking"]
    await rebuild(query_pool, Vault(query_pool), redis_url, projection, handover=0.1, grace=0.2, say=lambda _: None)
    assert [state for _, state in await states(query_pool)] == ["current"]


async def test_only_one_rebuild_at_a_time(query_pool, redis_url):
    async with only_one(query_pool, "tracking"):
        with pytest.raises(AlreadyRunningError):
            await rebuild(query_pool, Vault(query_pool), redis_url, PROJECTIONS["tracking"])


async def test_pages_taken_twice_change_nothing(journal, query_pool):
    await journal.story(6)
    async with query_pool.acquire() as connection:
        made = {name: await generations.begin(connection, projection) for name, projection in PROJECTIONS.items()}
    vault = Vault(query_pool)
    before = {}
    for _ in range(2):
        for name, projection in PROJECTIONS.items():
            await query_pool.execute("delete from journal.checkpoints where name = $1", made[name].checkpoint)
            await catch_up(query_pool, vault, projection, made[name], page=5)
            for table in projection.tables:
                rows = sorted(map(str, await query_pool.fetch(f"select * from {made[name].schema}.{table}")))
                assert before.setdefault((name, table), rows) == rows


async def test_facts_are_built_without_opening_a_text(journal, query_pool):
    class Locked:
        async def unseal(self, *_):
            raise AssertionError

    await journal.story(3)
    async with query_pool.acquire() as connection:
        made = await generations.begin(connection, PROJECTIONS["facts"])
    await catch_up(query_pool, Locked(), PROJECTIONS["facts"], made)
    assert await query_pool.fetchval("select count(*) from facts_1.facts_created where until = 'infinity'") == 3


async def test_two_projectors_share_the_work(journal, projected, query_pool, redis_url, proof):
    other = asyncio.create_task(Projector(query_pool, Vault(query_pool), redis_url, PROJECTIONS).run())
    try:
        await journal.story(10)
        _, last = await journal.create(await journal.person("claire"))
        await projected(last.position)
    finally:
        await end(other)
    for name in PROJECTIONS:
        assert (await proof(name)).differences == []


ORDER = Order("-subject")
MATCHING = {"{source}": "tracking_1.incidents", "{conditions}": "i.requester = $1", "{limit}": "20"}
#: What may stand in the braces of statements that are composed when they are run.
FILLINGS = {
    "page": {
        "{words}": WORDS.format("$5", "$6", "$7"),
        "{news_words}": WORDS.format("$6", "$7", "$8"),
        "{keys}": ORDER.extra_columns(),
        "{order}": ORDER.order_by(),
        **MATCHING,
    },
    "count": MATCHING,
    "count_open": {"{own}": "i.requester = $1"},
}


async def test_every_statement_is_accepted(query_pool):
    compared = vars(statements(comparison.__file__, "prove.sql"))
    async with query_pool.acquire() as connection:
        for projection in PROJECTIONS.values():
            made = await generations.begin(connection, projection)
            for source in projection.sources:
                for name, text in vars(generations.sql(source, made.schema)).items():
                    if name != "tables":
                        await connection.prepare(filled(text, FILLINGS.get(name, {})))
            for text in compared.values():
                for table in projection.tables:
                    await connection.prepare(filled(text, {"{schema}": made.schema, "{table}": table}))


def filled(text, fillings):
    for brace, filling in fillings.items():
        text = text.replace(brace, filling)
    return text


async def test_a_name_that_is_no_generation_is_refused(query_pool):
    with pytest.raises(ValueError, match="drop"):
        generations.sql(tracking.__file__, "tracking_1; drop schema query")
    with pytest.raises(asyncpg.RaiseError):
        await query_pool.execute("select query.make_schema('x;y', 1)")


async def test_before_the_first_generation_readers_are_asked_to_wait(api):
    answer = await api.as_("claire").get("/v1/incidents")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    ready = await api.as_("sophie", Role.REPORTING).get("/health/ready")
    assert ready.status_code == 503
    assert ready.json()["checks"] == {"database": True, "projections": False}


async def test_a_first_generation_is_read_once_it_shows_the_whole_journal(api, journal, query_pool, redis_url):
    """As after the read side was lost: rows, schemas and all, while the journal kept what it knew of followers."""
    await journal.story(12)
    held, done = asyncio.Event(), asyncio.Event()
    lost = await built(query_pool, PROJECTIONS["tracking"])
    await query_pool.execute(f"drop schema {lost.schema} cascade; delete from query.generations")
    await journal.create(await journal.person("claire"))

    async def held_back(*page):
        held.set()
        await done.wait()
        return await tracking.apply(*page)

    projections = {**PROJECTIONS, "tracking": PROJECTIONS["tracking"]._replace(apply=held_back)}
    projector = asyncio.create_task(Projector(query_pool, Vault(query_pool), redis_url, projections).run())
    client = api.as_("sophie", Role.SUPERVISOR)
    try:
        async with asyncio.timeout(20):
            await held.wait()
        assert await states(query_pool) == [(1, "building")]
        assert (await client.get("/v1/incidents?scope=all")).status_code == 503
        assert (await client.get("/health/ready")).status_code == 503
        done.set()
        await until(lambda: ready(client))
        assert (await client.get("/v1/incidents?scope=all")).json()["total"] == 13
    finally:
        await end(projector)


async def ready(client):
    return (await client.get("/health/ready")).status_code == 200


async def test_an_empty_installation_is_ready_at_once(api, projector):
    async with asyncio.timeout(3):
        await until(lambda: ready(api.as_("claire")))


async def test_a_reader_changes_over_once_the_new_generation_shows_no_less(journal, query_pool):
    _, first = await journal.create(await journal.person("claire"))
    projection, vault = PROJECTIONS["tracking"], Vault(query_pool)
    readers = generations.Readers(lasts=0.0)
    async with query_pool.acquire() as connection:
        await built(query_pool, projection)
        assert (await readers.generation(connection, "tracking")).number == 1
        new = await generations.begin(connection, projection)
        await generations.promote(connection, new)
        assert (await readers.generation(connection, "tracking")).number == 1
        await catch_up(query_pool, vault, projection, new)
        found = await readers.generation(connection, "tracking")
        assert (found.number, found.position) == (2, first.position)
