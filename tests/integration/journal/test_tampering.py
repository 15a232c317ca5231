"""Whoever owns the database may change anything, with every trigger off; what they did is found and named."""

from pathlib import Path

import asyncpg
import pytest

from shared.database import Connection
from shared.journal.append import append
from shared.journal.records import Append
from shared.journal.sealer import WitnessContradictsError
from shared.journal.sealing import Vault
from shared.journal.verify import Finding, verify
from shared.journal.witness import Witness
from tests.conftest import database_of
from tests.integration.journal.sealed import rewrite_blocks, rewrite_chains, sealing, until_sealed
from tests.support.history import command, routed

#: Twelve events in blocks of three: streams 0 1 2 in turn, versions 1 to 4.
STREAMS, ROUNDS = 3, 4
#: The fifth event: the second of stream 1, in block 2.
FIFTH = "event_id = (SELECT event_id FROM journal.events ORDER BY xid, position OFFSET 4 LIMIT 1)"
OTHER_ID = "00000000-0000-0000-0000-000000000001"
INSERT = f"""
INSERT INTO journal.events (position, xid, stream_id, version, event_id, recorded_at, schema, type, data, meta, chain)
SELECT position - 1, xid, {{stream}}, {{version}}, '{OTHER_ID}', recorded_at, schema, type, data, meta, chain
FROM journal.events WHERE {FIFTH};
"""
SWAP_VERSIONS = """
UPDATE journal.events SET version = 5 - version WHERE version IN (2, 3)
AND stream_id = (SELECT stream_id FROM journal.events ORDER BY xid, position LIMIT 1)
"""
SWAP_PLACES = """
CREATE TEMP TABLE two AS SELECT xid, position, event_id FROM journal.events ORDER BY xid, position OFFSET 4 LIMIT 2;
UPDATE journal.events SET position = position + 500000 WHERE event_id IN (SELECT event_id FROM two);
UPDATE journal.events AS e SET xid = other.xid, position = other.position
FROM two AS one, two AS other WHERE e.event_id = one.event_id AND other.event_id <> one.event_id
"""
FORGET_STREAM = """
CREATE TEMP TABLE gone AS SELECT stream_id FROM journal.events ORDER BY xid, position OFFSET 1 LIMIT 1;
DELETE FROM journal.events WHERE stream_id IN (TABLE gone);
DELETE FROM journal.streams WHERE stream_id IN (TABLE gone)
"""
INSERT_STREAM = f"""
{INSERT.format(stream=f"'{OTHER_ID}'", version=1)}
INSERT INTO journal.streams (stream_id, version, origin, head) VALUES ('{OTHER_ID}', 1, 1, '')
"""
LAST = "event_id IN (SELECT event_id FROM journal.events ORDER BY xid DESC, position DESC LIMIT {})"

#: What is done, and the place, from 0, of the event that is named; None where that is the attacker's own.
NAMED = {
    "one byte": (f"UPDATE journal.events SET data = replace(data::text, 'g1', 'g9')::json WHERE {FIFTH}", 4),
    "metadata": (f'UPDATE journal.events SET meta = \'{{"correlation":"x"}}\' WHERE {FIFTH}', 4),
    "instant": (f"UPDATE journal.events SET recorded_at = recorded_at + interval '1 microsecond' WHERE {FIFTH}", 4),
    "no instant": (f"UPDATE journal.events SET recorded_at = 'infinity' WHERE {FIFTH}", 4),
    "far instant": (f"UPDATE journal.events SET recorded_at = '20000-01-01' WHERE {FIFTH}", 4),
    "schema": (f"UPDATE journal.events SET schema = -1 WHERE {FIFTH}", 4),
    "type": (f"UPDATE journal.events SET type = 'IncidentTaken' WHERE {FIFTH}", 4),
    "number": (f"UPDATE journal.events SET number = '1181106_0230' WHERE {FIFTH}", 4),
    "event id": (f"UPDATE journal.events SET event_id = '{OTHER_ID}' WHERE {FIFTH}", None),
    "versions swapped": (SWAP_VERSIONS, 3),
    "inserted": (INSERT.format(stream="stream_id", version="version"), None),
}
#: What is done before all chains are computed anew, and the block that is named.
IN_BLOCK = {
    "a chain from some event on": (NAMED["one byte"][0], 2),
    "one event": (f"DELETE FROM journal.events WHERE {FIFTH}", 2),
    "a whole stream": (FORGET_STREAM, 1),
    "the tail": (f"DELETE FROM journal.events WHERE {LAST.format(2)}", 4),
    "two events of different streams swapped": (SWAP_PLACES, 2),
    "a stream that never was": (INSERT_STREAM, 2),
    "the root of a block": ("UPDATE journal.blocks SET root = sha256('x') WHERE number = 3", 3),
    "a block": ("DELETE FROM journal.blocks WHERE number = 3", 3),
}


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "seals.log")


@pytest.fixture
async def history(
    database_url: str, connection: Connection, owner: Connection, vault: Vault, witness: Witness
) -> list[Append]:
    """Twelve sealed events; the commands that wrote them."""
    streams = [command(routed()).stream_id for _ in range(STREAMS)]
    commands = [
        command(routed(f"g{stream}"), stream_id=streams[stream]) for _ in range(ROUNDS) for stream in range(STREAMS)
    ]
    for one in commands:
        await append(connection, [one], vault)
    async with sealing(database_url, witness):
        await until_sealed(owner, witness, len(commands))
    return commands


@pytest.fixture
async def hand(owner: Connection) -> Connection:
    """A superuser whom no trigger stops."""
    await owner.execute("SET session_replication_role = replica")
    return owner


async def test_an_honest_journal_is_what_was_sealed(
    connection: Connection, owner: Connection, history: list[Append], witness: Witness, vault: Vault
) -> None:
    assert await verify(owner, witness) == Finding(12, 3, blocks=4, witnessed=4, unsealed=0)
    await append(connection, [command(routed())], vault)
    assert await verify(owner, witness) == Finding(13, 4, blocks=4, witnessed=4, unsealed=1)


@pytest.mark.parametrize("deed", NAMED)
async def test_the_first_event_that_lies_is_named(
    hand: Connection, history: list[Append], witness: Witness, deed: str
) -> None:
    change, place = NAMED[deed]
    await hand.execute(change)
    named = OTHER_ID if place is None else history[place].events[0].event_id
    lie = str((await verify(hand, witness)).lie)
    assert lie.startswith(f"event {named} at "), lie


@pytest.mark.parametrize("deed", IN_BLOCK)
async def test_chains_computed_anew_do_not_help(
    hand: Connection, history: list[Append], witness: Witness, deed: str
) -> None:
    change, block = IN_BLOCK[deed]
    await hand.execute(change)
    await rewrite_chains(hand)
    lie = str((await verify(hand, witness)).lie)
    assert lie.startswith(f"block {block}"), lie


@pytest.mark.parametrize("change", [f"DELETE FROM journal.events WHERE {LAST.format(3)}", NAMED["one byte"][0]])
async def test_chains_and_seals_computed_anew_are_contradicted_by_the_witness(
    hand: Connection, history: list[Append], witness: Witness, change: str
) -> None:
    await hand.execute(change)
    await rewrite_chains(hand)
    await rewrite_blocks(hand)
    lie = str((await verify(hand, witness)).lie)
    assert lie.startswith(("block 2: has another seal than the witness saw", "block 4: is gone; the witness saw it"))
    alone = await verify(hand, Witness(witness.path.with_name("other")))
    assert (alone.lie, alone.witnessed) == (None, 0), "this is what the witness is for"


async def test_yesterdays_database_is_contradicted_by_the_witness(
    postgres_url: str, database_url: str, witness: Witness
) -> None:
    name = database_url.split("@/")[1].split("?", maxsplit=1)[0]
    yesterday = name.replace("test_", "yesterday_")
    await write_three_and_seal(database_url, witness)
    server = await asyncpg.connect(postgres_url)
    await server.execute(f"CREATE DATABASE {yesterday} TEMPLATE {name}")
    await write_three_and_seal(database_url, witness)

    restored = await asyncpg.connect(database_of(postgres_url, yesterday))
    assert str((await verify(restored, witness)).lie).startswith("block 2: is gone; the witness saw it sealed at ")
    await restored.close()
    async with sealing(database_of(postgres_url, yesterday), witness) as task:
        with pytest.raises(WitnessContradictsError, match=r"block 2, witnessed at .*, is gone"):
            await task
    await server.execute(f"DROP DATABASE {yesterday} WITH (FORCE)")
    await server.close()


async def write_three_and_seal(database_url: str, witness: Witness) -> None:
    pool = await asyncpg.create_pool(database_url, min_size=0, max_size=2)
    async with pool, pool.acquire() as connection:
        before = await connection.fetchval("SELECT count(*) FROM journal.events")
        await append(connection, [command(routed(), routed(), routed())], Vault(pool))
        async with sealing(database_url, witness):
            await until_sealed(connection, witness, before + 3)


async def test_what_is_not_sealed_is_said_to_be_so(
    connection: Connection, hand: Connection, history: list[Append], witness: Witness, vault: Vault
) -> None:
    """The one thing that cannot be found: the last seconds, rewritten by somebody who knows the code."""
    await append(connection, [command(routed("g7"))], vault)
    await hand.execute("UPDATE journal.events SET data = replace(data::text, 'g7', 'g8')::json")
    await rewrite_chains(hand)
    assert await verify(hand, witness) == Finding(13, 4, blocks=4, witnessed=4, unsealed=1)
