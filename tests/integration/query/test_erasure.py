"""Who is erased is gone from lists and search at once, whatever a process remembers, and a rebuild says the same."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from services.query.projections import generations
from services.query.projections.prove import prove
from services.query.projections.rebuild import catch_up, rebuild
from services.query.projections.registry import PROJECTIONS
from shared.events import incident
from shared.events.base import ERASED
from shared.events.vocabulary import Role
from shared.journal.sealing import Vault

TABLES = "select t::text from {}.{} t"


@pytest.fixture
async def people(journal):
    return [await journal.person(sub, f"Sentinelle {sub.title()}") for sub in ("aude", "bruno", "celia")]


async def story(journal, people):
    """Aude asks, for Bruno; Bruno asks for himself; Celia answers both."""
    aude, bruno, celia = people
    first, _ = await journal.create(aude, "Sentinelle de la description", beneficiary=bruno)
    second, _ = await journal.create(bruno, "Une imprimante bloquée")
    for stream, owner in ((first, aude), (second, bruno)):
        for event in (
            incident.IncidentTaken(by=celia, group="messagerie"),
            incident.ReplySent(by=celia, text="Sentinelle de la réponse"),
            incident.DocumentAttached(
                document=uuid4(), by=owner, filename="Sentinelle.txt", media_type="text/plain", size=1, sha256="0" * 64
            ),
            incident.IncidentUpdated(by=owner, text="Sentinelle du complément", subject="reseau.filtrage"),
            incident.SatisfactionRated(by=owner, rating=2, text="Sentinelle de l’avis"),
        ):
            last = await journal.add(stream, event, owner=owner.id)
    return first, second, last


async def content(pool):
    found = []
    for name, projection in PROJECTIONS.items():
        async with pool.acquire() as connection:
            schema = (await generations.current(connection, name)).schema
            for table in projection.tables:
                found += [row[0] for row in await connection.fetch(TABLES.format(schema, table))]
    return "\n".join(found)


@pytest.fixture
def proof(query_pool, database_url):
    async def run(page):
        reader = await asyncpg.connect(database_url, server_settings={"role": "cecoia_query", "timezone": "UTC"})
        try:
            for projection in PROJECTIONS.values():
                result = await prove(query_pool, reader, Vault(query_pool), projection, page=page)
                assert result.differences == []
        finally:
            await reader.close()

    return run


@pytest.mark.parametrize("who", [0, 1, 2], ids=["requester", "beneficiary", "agent"])
@pytest.mark.parametrize("page", [1, 3, 1000])
async def test_what_is_shown_is_forgotten_and_a_rebuild_says_the_same(  # noqa: PLR0917
    journal, people, projected, query_pool, erase, proof, who, page
):
    first, _, last = await story(journal, people)
    await projected(last.position)
    assert f"Sentinelle {('Aude', 'Bruno', 'Celia')[who]}" in await content(query_pool)
    facts = await query_pool.fetch("select * from facts_1.facts order by fact, stream_id, nth")
    outcome = await erase(people[who])
    await projected(outcome.position)
    shown = await content(query_pool)
    assert f"Sentinelle {('Aude', 'Bruno', 'Celia')[who]}" not in shown
    assert ("Sentinelle de la description" in shown) is (who != 0)
    assert await query_pool.fetch("select * from facts_1.facts order by fact, stream_id, nth") == facts
    last = await journal.add(first, incident.ReplySent(by=people[2], text="après coup"), owner=people[0].id)
    await projected(last.position)
    await proof(page)


async def test_lists_search_and_pages_show_nothing_any_more(api, journal, people, projected, erase):
    *_, last = await story(journal, people)
    await projected(last.position)
    agent = api.as_("nadia", Role.AGENT, groups=("messagerie", "reseau"))
    found = (await agent.get("/v1/incidents?scope=all&q=sentinelle")).json()
    assert found["total"] == 2
    numbers = {item["requester"]: item["number"] for item in found["items"]}
    document = (await agent.get(f"/v1/incidents/{numbers['Sentinelle Aude']}")).json()["documents"][0]["id"]
    outcome = await erase(people[0])
    await projected(outcome.position)
    for words in ("sentinelle aude", "description", "complement"):
        hits = (await agent.get("/v1/incidents", params={"scope": "all", "q": words})).json()["items"]
        assert numbers["Sentinelle Aude"] not in [item["number"] for item in hits]
    listed = (await agent.get("/v1/incidents?scope=all")).json()["items"]
    (row,) = [item for item in listed if item["number"] == numbers["Sentinelle Aude"]]
    assert (row["requester"], row["excerpt"], row["beneficiary"]) == (ERASED, ERASED, "Sentinelle Bruno")
    async with asyncio.timeout(20):  # the process that answers hears of it within a second or two
        while True:
            page = (await agent.get(f"/v1/incidents/{row['number']}")).json()
            if page["description"] == ERASED:
                break
            await asyncio.sleep(0.05)
    assert page["requester"] == {"name": ERASED, "email": ERASED, "is_caller": False}
    gone = await agent.get(f"/v1/incidents/{row['number']}/documents/{document}")
    assert (gone.status_code, gone.json()["detail"]) == (410, "Ce document a été effacé.")
    assert gone.headers["content-type"] == "application/problem+json"


async def test_a_rebuild_at_the_same_time_ends_equal(journal, people, projected, query_pool, redis_url, erase, proof):  # noqa: PLR0917
    """It read texts while there was a key, in pages of one, and sees to the erasure when it comes to it."""
    *_, last = await story(journal, people)
    await projected(last.position)
    vault, tracking = Vault(query_pool), PROJECTIONS["tracking"]
    async with query_pool.acquire() as connection:
        made = await generations.begin(connection, tracking)
    await catch_up(query_pool, vault, tracking, made, page=3, until=last.position)
    outcome = await erase(people[0])
    await journal.create(people[1], "Une autre imprimante", beneficiary=people[0])
    await catch_up(query_pool, vault, tracking, made, page=1)
    await projected(outcome.position)
    await rebuild(query_pool, vault, redis_url, tracking, handover=0.6, grace=0.8, say=lambda _: None)
    assert "Sentinelle Aude" not in await content(query_pool)
    await proof(1000)


async def test_the_planner_keeps_no_copies(journal, people, projected, database_url):
    *_, last = await story(journal, people)
    await projected(last.position)
    owner = await asyncpg.connect(database_url)
    await owner.execute("analyze tracking_1.incidents, tracking_1.texts")
    rows = await owner.fetch("select s::text from pg_stats s where schemaname = 'tracking_1'")
    assert rows
    assert "entinelle" not in str(rows)
    await owner.close()


async def test_what_was_sealed_by_who_had_not_heard_yet_is_not_shown(  # noqa: PLR0917
    journal, people, projected, query_pool, erase, proof
):
    """A process that still has the key seals with it; the projector has forgotten it, like whoever reads later."""
    first, _, last = await story(journal, people)
    await projected(last.position)
    late = type(journal)(journal.pool)
    await late.add(first, incident.IncidentReleased(by=people[2], group="messagerie"), owner=people[0].id)
    await erase(people[2])
    last = await late.add(first, incident.IncidentTaken(by=people[2], group="messagerie"), owner=people[0].id)
    await projected(last.position)
    assert "Sentinelle Celia" not in await content(query_pool)
    await proof(1000)
