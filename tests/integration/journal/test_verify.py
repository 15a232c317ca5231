"""Whoever changes the journal behind its back is found out."""

import pytest

from shared.database import Connection
from shared.events.base import Person
from shared.journal.append import append
from shared.journal.sealing import Vault
from shared.journal.verify import verify
from tests.support.history import command, opening, routed, updated

#: What an attacker who owns the database does, with every trigger off.
FORGERIES = {
    "data": """UPDATE journal.events SET data = replace(data::text, 'g1', 'g9')::json WHERE version = 2""",
    "meta": """UPDATE journal.events SET meta = '{"correlation":"x"}' WHERE version = 2""",
    "instant": "UPDATE journal.events SET recorded_at = recorded_at + interval '1 microsecond' WHERE version = 2",
    "type": "UPDATE journal.events SET type = 'IncidentTaken' WHERE version = 2",
    "removed": "DELETE FROM journal.events WHERE version = 2",
    "order": "UPDATE journal.events SET version = 5 - version WHERE version IN (2, 3)",
    "stream": "UPDATE journal.events SET stream_id = gen_random_uuid()",
    "chain": "UPDATE journal.events SET chain = sha256('x') WHERE version = 2",
}


async def fill(connection: Connection, vault: Vault, aude: Person) -> None:
    one = opening(aude)
    await append(connection, [one, command(*(routed(f"g{n}") for n in range(4)))], vault)
    await append(connection, [command(updated(aude), stream_id=one.stream_id, owner=aude.id)], vault)


async def test_an_honest_journal_is_what_was_written(connection: Connection, vault: Vault, aude: Person) -> None:
    await fill(connection, vault, aude)
    assert await verify(connection) == (6, 2, None)


async def test_erasing_a_person_breaks_no_chain(
    connection: Connection, owner: Connection, vault: Vault, aude: Person
) -> None:
    await fill(connection, vault, aude)
    await owner.execute("DELETE FROM keys.people WHERE person = $1", aude.id)
    assert (await verify(connection)).lie is None


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_every_forgery_is_named(connection: Connection, owner: Connection, vault: Vault, forgery: str) -> None:
    one = command(*(routed(f"g{n}") for n in range(4)))
    await append(connection, [one], vault)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(FORGERIES[forgery])
    lie = (await verify(connection)).lie
    first_that_lies = {"removed": 2, "stream": 0}.get(forgery, 1)
    assert str(one.events[first_that_lies].event_id) in str(lie)


@pytest.mark.parametrize(
    "forgery",
    ["DELETE FROM journal.events WHERE version = 4", "DELETE FROM journal.streams", "DELETE FROM journal.events"],
)
async def test_a_missing_end_is_noticed(connection: Connection, owner: Connection, vault: Vault, forgery: str) -> None:
    one = command(*(routed(f"g{n}") for n in range(4)))
    await append(connection, [one], vault)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(forgery)
    assert str(one.stream_id) in str((await verify(connection)).lie)
