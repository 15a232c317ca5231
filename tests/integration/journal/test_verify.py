"""An honest journal is found to be so, and a journal without seals is not believed blindly."""

from pathlib import Path

from msgspec.structs import replace

from shared.database import Connection
from shared.events import before
from shared.events.base import Person
from shared.journal.append import append
from shared.journal.read import read_stream
from shared.journal.records import Series
from shared.journal.sealing import Vault
from shared.journal.verify import Finding, verify
from shared.journal.witness import Witness
from tests.support.history import command, created, opening, routed, updated

NOWHERE = Witness(Path("/nonexistent"))


async def fill(connection: Connection, vault: Vault, aude: Person) -> None:
    one = opening(aude)
    await append(connection, [one, command(*(routed(f"g{n}") for n in range(4)))], vault)
    await append(connection, [command(updated(aude), stream_id=one.stream_id, owner=aude.id)], vault)


async def test_an_honest_journal_is_what_was_written(
    connection: Connection, owner: Connection, vault: Vault, aude: Person
) -> None:
    await fill(connection, vault, aude)
    assert await verify(owner, NOWHERE) == Finding(6, 2, blocks=0, witnessed=0, unsealed=6)


async def test_erasing_a_person_breaks_no_chain(
    connection: Connection, owner: Connection, vault: Vault, aude: Person
) -> None:
    await fill(connection, vault, aude)
    await owner.execute("DELETE FROM keys.people WHERE person = $1", aude.id)
    assert (await verify(owner, NOWHERE)).lie is None


async def test_a_missing_end_is_noticed(connection: Connection, owner: Connection, vault: Vault) -> None:
    """Also while nothing is sealed: each stream knows how far it was appended to."""
    one = command(*(routed(f"g{n}") for n in range(4)))
    await append(connection, [one], vault)
    await owner.execute("SET session_replication_role = replica")
    for forgery in ("DELETE FROM journal.events WHERE version = 4", "DELETE FROM journal.events"):
        await owner.execute(forgery)
        assert str(one.stream_id) in str((await verify(owner, NOWHERE)).lie)


async def test_a_stream_that_says_something_else_is_noticed(
    connection: Connection, owner: Connection, vault: Vault
) -> None:
    one = command(routed())
    await append(connection, [one], vault)
    await owner.execute("SET session_replication_role = replica")
    for change in ("number = '1181106_0230'", "number = NULL, origin = origin + 1", "origin = 1, head = sha256('x')"):
        await owner.execute(f"UPDATE journal.streams SET {change}")
        assert str((await verify(owner, NOWHERE)).lie).startswith(f"stream {one.stream_id}: ")
    await owner.execute("DELETE FROM journal.streams")
    assert f"stream {one.stream_id}" in str((await verify(owner, NOWHERE)).lie)


async def test_events_of_older_versions_are_read_as_the_newest_and_verified_as_they_are(
    connection: Connection, owner: Connection, vault: Vault, aude: Person
) -> None:
    newest = created(aude)
    old = before.IncidentCreated(**{name: getattr(newest, name) for name in before.IncidentCreated.__struct_fields__})
    one = command(old, owner=aude.id, series=Series.INCIDENT)
    await append(connection, [one, opening(aude)], vault)
    (stored,) = await read_stream(connection, one.stream_id)
    assert (stored.type, stored.schema) == ("IncidentCreated", 1)
    (recorded,) = await vault.unseal([stored])
    assert recorded.event == replace(newest, number=stored.number or "")
    assert (await verify(owner, NOWHERE)).lie is None
