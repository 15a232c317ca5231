"""The tracking view holds what the journal says, after every page."""

from services.query.incidents.fold import evolve
from services.query.projections import catalogue, generations, tracking
from services.query.projections.rebuild import advance
from services.query.projections.tracking import TRACKING
from shared.catalogue import Catalogue
from shared.events.catalogue import GroupDefined, SubjectRetired
from shared.journal.read import checkpoint, read_page
from shared.journal.records import START
from shared.journal.sealing import Vault
from tests.integration.query.conftest import CATALOGUE

PAGE = 3


def folded(events):
    """What the incidents are after these events."""
    states = {}
    for recorded in events:
        states[recorded.stream_id] = evolve(states.get(recorded.stream_id), recorded)
    return {stream: state for stream, state in states.items() if state}


async def test_rows_follow_the_journal(journal, query_pool):
    await journal.story(4)
    await journal.add(CATALOGUE, SubjectRetired(subject="reseau.filtrage"))
    renamed = GroupDefined(group="messagerie", label="Courriel", mail="courriel@cecoia.example", calendar="standard")
    await journal.add(CATALOGUE, renamed)
    vault = Vault(query_pool)
    async with query_pool.acquire() as connection:
        made = await generations.begin(connection, TRACKING)
        events = await vault.unseal(await read_page(connection, START), connection)
        pages = 0
        while await advance(connection, vault, TRACKING, made, limit=PAGE):
            pages += 1
            seen = events[: pages * PAGE]
            assert await checkpoint(connection, made.checkpoint) == seen[-1].position
            rows = await connection.fetch(f"select * from {made.schema}.incidents")
            assert {row["stream_id"]: tracking._state(row) for row in rows} == folded(seen)
            assert await catalogue.read(connection, made.schema) == Catalogue.of(one.event for one in seen)
    assert pages == -(-len(events) // PAGE)
    assert folded(events)
