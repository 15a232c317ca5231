import re

import pytest

from shared.database import Connection, statements
from shared.events.base import Person
from shared.journal import read
from shared.journal.append import append
from shared.journal.read import EVERYTHING, Wanted, fence_age, read_page, read_stretch
from shared.journal.records import START, StoredEvent
from shared.journal.sealing import Vault
from tests.support.history import command, opening, routed

ROUTED = Wanted(types=("IncidentRouted",))
FILL = """
INSERT INTO journal.events (position, xid, stream_id, version, event_id, type, schema, recorded_at, data, meta, chain)
SELECT $1::bigint + n, (3 + n / 200)::text::xid8, gen_random_uuid(), 1, gen_random_uuid(), 'X', 1, now(), '{}', '{}', ''
FROM generate_series(1, 17000) AS n
"""


async def test_a_running_transaction_holds_readers_back_and_its_age_is_known(
    connection: Connection, owner: Connection, vault: Vault
) -> None:
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute("SELECT pg_current_xact_id()")
    await append(connection, [command(routed())], vault)
    assert await read_page(connection, START) == []
    assert await fence_age(connection) > 0
    await transaction.rollback()
    assert len(await read_page(connection, START)) == 1


async def test_reads_page_by_page(connection: Connection, vault: Vault) -> None:
    await append(connection, [command(routed(), routed(), routed()), command(routed(), routed())], vault)
    everything = await read_page(connection, START)
    first = await read_page(connection, START, limit=3)
    assert len(everything) == 5
    assert first + await read_page(connection, first[-1].position, limit=3) == everything
    assert await read_page(connection, everything[-1].position) == []


async def test_reads_by_type(connection: Connection, vault: Vault, aude: Person) -> None:
    await append(connection, [opening(aude), command(routed()), opening(aude)], vault)
    found = await read_stretch(connection, START, 10, ROUTED, examined=10)
    assert [event.type for event in found.events] == ["IncidentRouted"]
    assert not found.more
    assert (await read_stretch(connection, found.end, 10, EVERYTHING, examined=10)).events == []
    await append(connection, [command(routed())], vault)
    assert len((await read_stretch(connection, found.end, 10, ROUTED, examined=10)).events) == 1


@pytest.mark.parametrize("limit", [1, 2, 100])
@pytest.mark.parametrize("examined", [1, 2, 3, 100])
async def test_a_stretch_ends_when_enough_was_examined(
    connection: Connection, vault: Vault, aude: Person, limit: int, examined: int
) -> None:
    for _ in range(3):
        await append(connection, [opening(aude), opening(aude), command(routed(), routed()), opening(aude)], vault)
    wanted = [event for event in await read_page(connection, START) if event.type == "IncidentRouted"]
    seen, after, more, calls = list[StoredEvent](), START, True, 0
    while more:
        found, end, more = await read_stretch(connection, after, limit, ROUTED, examined=examined)
        assert not more or end > after
        seen, after, calls = seen + found, end, calls + 1
    assert seen == wanted
    assert calls >= 15 // examined


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
@pytest.mark.parametrize(
    ("statement", "wanted", "scan"),
    [
        ("page", "", "Index Scan"),
        ("page_wanted", ", '60', 2009000, '{X}', '-infinity', NULL", "Index Scan"),
        ("end_of_stretch", "", "Index Only Scan"),
    ],
)
async def test_the_hot_read_walks_the_primary_key(
    owner: Connection, mode: str, statement: str, wanted: str, scan: str
) -> None:
    """Over several partitions, and without sorting or scanning anything whole."""
    for low in (0, 1_000_000, 2_000_000):
        await owner.execute(FILL, low)
    await owner.execute("VACUUM ANALYZE journal.events")
    await owner.execute("SET plan_cache_mode = " + mode)
    await owner.execute(f"PREPARE hot AS {vars(statements(read.__file__, 'read.sql'))[statement]}")
    plan = await owner.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE hot ('40', 1008000, 1000{wanted})")
    nodes = plan.count('"Node Type"')
    assert plan.count('"Node Type": "Limit"') == plan.count('"Node Type": "Merge Append"') == 1
    assert plan.count(f'"Node Type": "{scan}"') == nodes - 2 == 3
    for partition in range(3):
        assert f'"Index Name": "events_00000{partition}_pkey"' in plan


@pytest.mark.parametrize("mode", ["force_generic_plan", "force_custom_plan"])
async def test_a_period_is_looked_for_within_the_stretch_alone(owner: Connection, mode: str) -> None:
    """The index that knows instants leads to whatever a period holds, which may be most of the journal."""
    await owner.execute(FILL, 0)
    await owner.execute("ANALYZE journal.events")
    await owner.execute(FILL.replace("now()", "now() + interval '1 hour'"), 1_000_000)
    await owner.execute("SET plan_cache_mode = " + mode)
    await owner.execute(f"PREPARE hot AS {vars(statements(read.__file__, 'read.sql'))['page_wanted']}")
    asked = "'40', 0, 1000, '60', 0, NULL, now() + interval '10 minutes', 'infinity'"
    plan = await owner.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE hot ({asked})")
    assert set(re.findall(r'"Index Name": "events_\d+_(\w+)"', plan)) == {"pkey"}
