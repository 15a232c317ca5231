"""People: found again, told apart, and forgotten."""

import asyncio
from uuid import uuid4

import pytest

from shared.database import Connection, Pool
from shared.events.base import ERASED, Person
from shared.events.incident import IncidentCreated
from shared.events.person import PersonErased
from shared.events.vocabulary import ErasedFor
from shared.journal.append import append
from shared.journal.erasures import erasure_stream
from shared.journal.read import read_stream
from shared.journal.sealing import PREFIX, SealBrokenError, Vault
from tests.integration.journal.conftest import ISSUER
from tests.support.history import command, opening, routed, updated

WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
ERASE = "DELETE FROM keys.people WHERE person = $1"


async def test_a_person_is_found_again_by_account(pool: Pool, vault: Vault) -> None:
    first = await vault.person(issuer=ISSUER, sub="aude", name="Aude", email="aude@cecoia.example")
    for known in (vault, Vault(pool)):
        assert await known.person(issuer=ISSUER, sub="aude", name="Aude SOURCE", email="new@cecoia.example") == first
        assert await known.person(issuer=ISSUER, sub="aude", name="Aude", email=None) == first
    assert await vault.person(issuer=ISSUER, sub="hugo", name="Hugo", email=None) != first
    assert await vault.person(issuer="https://other.test", sub="aude", name="Aude", email=None) != first


async def test_somebody_known_by_address_becomes_the_account_that_signs_in_with_it(vault: Vault) -> None:
    named = await vault.person(issuer=ISSUER, sub=None, name="Hugo", email=" Hugo.Petit@cecoia.example")
    assert await vault.person(issuer=ISSUER, sub="hugo", name="Hugo", email="hugo.petit@cecoia.example") == named
    assert await vault.person(issuer=ISSUER, sub="hugo", name="Hugo", email=None) == named


async def test_an_account_is_found_by_its_address(vault: Vault) -> None:
    account = await vault.person(issuer=ISSUER, sub="aude", name="Aude", email="aude@cecoia.example")
    assert await vault.person(issuer=ISSUER, sub=None, name="Aude", email="AUDE@cecoia.example") == account


async def test_an_address_that_is_given_to_somebody_else_gives_away_nothing(vault: Vault) -> None:
    former = await vault.person(issuer=ISSUER, sub="former", name="A", email="contact@cecoia.example")
    latter = await vault.person(issuer=ISSUER, sub="latter", name="B", email="contact@cecoia.example")
    assert former != latter
    assert await vault.person(issuer=ISSUER, sub="former", name="A", email=None) == former


async def test_an_address_finds_who_used_it_last(pool: Pool, vault: Vault) -> None:
    await vault.person(issuer=ISSUER, sub="former", name="A", email="contact@cecoia.example")
    latter = await vault.person(issuer=ISSUER, sub="latter", name="B", email="contact@cecoia.example")
    assert await Vault(pool).person(issuer=ISSUER, sub=None, name="?", email="contact@cecoia.example") == latter


async def test_somebody_without_account_and_address_is_nobody(vault: Vault) -> None:
    with pytest.raises(ValueError, match="account or an e-mail address"):
        await vault.person(issuer=ISSUER, sub=None, name="?", email=" ")


async def test_one_person_however_many_look_at_once(pool: Pool) -> None:
    lookers = [Vault(pool) for _ in range(12)]
    named = [one.person(issuer=ISSUER, sub=None, name="A", email="a@cecoia.example") for one in lookers[:6]]
    signed = [one.person(issuer=ISSUER, sub="a", name="A", email="a@cecoia.example") for one in lookers[6:]]
    assert len(set(await asyncio.gather(*named, *signed))) == 1


async def test_the_tables_name_nobody(owner: Connection, vault: Vault) -> None:
    await vault.person(issuer=ISSUER, sub="aude", name="SOURCE", email="aude@cecoia.example")
    rows = [*await owner.fetch("SELECT * FROM keys.people"), *await owner.fetch("SELECT * FROM keys.identities")]
    assert len(rows) == 3
    assert not any(word in str(rows).lower() for word in ("source", "aude", "identity.test"))


async def test_who_is_erased_can_no_longer_be_read_and_history_stays(
    pool: Pool, connection: Connection, owner: Connection, vault: Vault, aude: Person
) -> None:
    agent = Person(
        id=await vault.person(issuer=ISSUER, sub="nadia", name="Nadia", email="n@cecoia.example"), name="Nadia"
    )
    one = opening(aude)
    await append(connection, [one], vault)
    await append(connection, [command(updated(agent, "Bonjour"), stream_id=one.stream_id, owner=aude.id)], vault)
    await owner.execute(ERASE, aude.id)

    created, answered = await Vault(pool).unseal(await read_stream(connection, one.stream_id))
    assert isinstance(created.event, IncidentCreated)
    assert created.event.requester == Person(id=aude.id, name=ERASED, email=ERASED)
    assert created.event.description == created.event.phone == created.event.availability == ERASED
    assert created.event.subject == "poste.demarrage"
    assert answered.event == updated(agent, ERASED)
    assert await Vault(pool).person(issuer=ISSUER, sub="aude", name="Aude", email=None) != aude.id


async def test_nothing_about_an_erased_person_is_written_any_more(
    pool: Pool, connection: Connection, owner: Connection, aude: Person
) -> None:
    await owner.execute(ERASE, aude.id)
    one = command(updated(aude), owner=aude.id)
    await append(connection, [one], Vault(pool))
    (stored,) = await read_stream(connection, one.stream_id)
    assert ERASED in stored.data
    assert PREFIX not in stored.data
    assert "SOURCE" not in stored.data


async def test_a_page_needs_one_query_for_its_keys_and_none_the_next_minute(
    pool: Pool, connection: Connection, vault: Vault, aude: Person
) -> None:
    await append(connection, [opening(aude) for _ in range(5)], vault)
    stored = await connection.fetchval("SELECT count(*) FROM journal.events")
    assert stored == 5
    queries: list[str] = []
    connection.add_query_logger(lambda query: queries.append(query.query))
    fresh = Vault(pool)
    one = (await connection.fetchval("SELECT stream_id FROM journal.events LIMIT 1"),)
    page = await read_stream(connection, *one)
    queries.clear()
    await fresh.unseal(page, connection)
    assert len(queries) == 1
    await fresh.unseal(page, connection)
    assert len(queries) == 1


async def test_a_text_moved_to_another_event_is_noticed(connection: Connection, vault: Vault, aude: Person) -> None:
    one = command(updated(aude, "oui"), updated(aude, "non"), owner=aude.id)
    await append(connection, [one], vault)
    first, second = await read_stream(connection, one.stream_id)
    forged = type(first)(**{name: getattr(first, name) for name in first.__struct_fields__} | {"data": second.data})
    with pytest.raises(SealBrokenError, match=str(first.event_id)):
        await vault.unseal([forged])


async def test_a_fingerprint_tells_bodies_apart_and_only_for_its_owner(vault: Vault, aude: Person) -> None:
    other = await vault.person(issuer=ISSUER, sub="hugo", name="Hugo", email=None)
    prints = [await vault.fingerprint(who, body) for who in (aude.id, other) for body in (b"a", b"b")]
    assert len(set(prints)) == 4
    assert await vault.fingerprint(aude.id, b"a") == prints[0]
    with pytest.raises(LookupError):
        await vault.fingerprint(uuid4(), b"a")


async def test_what_is_not_personal_needs_no_key(connection: Connection, vault: Vault) -> None:
    one = command(routed())
    await append(connection, [one], vault)
    assert [found.event for found in await vault.unseal(await read_stream(connection, one.stream_id))] == [routed()]


async def test_who_is_looked_for_while_being_forgotten_becomes_somebody_new(
    pool: Pool, connection: Connection, vault: Vault, aude: Person
) -> None:
    """The search waits for the erasure; it neither fails nor gives somebody back who is gone."""
    erased = command(PersonErased(person=aude.id, reason=ErasedFor.REQUEST), stream_id=erasure_stream(aude.id))
    async with connection.transaction():
        await append(connection, [erased], vault)
        assert await connection.fetchval("SELECT keys.forget($1)", [aude.id]) == 1
        new_address = Vault(pool).person(issuer=ISSUER, sub="aude", name="Aude", email="moved@cecoia.example")
        searching = asyncio.create_task(new_address)
        while not await connection.fetchval(WAITING):
            await asyncio.sleep(0.01)
    async with asyncio.timeout(10):
        found = await searching
    assert found != aude.id
    assert await Vault(pool).person(issuer=ISSUER, sub="aude", name="Aude", email="moved@cecoia.example") == found


async def test_whoever_reads_of_an_erasure_reads_nothing_more(
    connection: Connection, vault: Vault, aude: Person
) -> None:
    """Also of what stands before it on the same page, and although the key was read a moment ago."""
    one = opening(aude)
    await append(connection, [one], vault)
    page = await read_stream(connection, one.stream_id)
    assert (await vault.unseal(page))[0].event.phone != ERASED  # type: ignore[attr-defined]
    erased = command(PersonErased(person=aude.id, reason=ErasedFor.REQUEST), stream_id=erasure_stream(aude.id))
    await append(connection, [erased], vault)
    page += await read_stream(connection, erased.stream_id)
    assert (await vault.unseal(page))[0].event.phone == ERASED  # type: ignore[attr-defined]
    assert (await vault.unseal(page[:1]))[0].event.phone == ERASED  # type: ignore[attr-defined]
