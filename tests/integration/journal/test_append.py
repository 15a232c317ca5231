import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from shared.database import Connection, Pool
from shared.events.base import Person
from shared.events.incident import IncidentCreated
from shared.journal.append import append
from shared.journal.read import find_stream, read_stream, read_stream_by_number, stream_version
from shared.journal.records import Append, NewEvent, Position, Verdict
from shared.journal.sealing import Vault
from tests.support.history import NOON, command, opening, routed, updated


async def test_a_new_incident_gets_a_number_and_its_first_version(
    connection: Connection, vault: Vault, aude: Person
) -> None:
    one = opening(aude)
    (outcome,) = await append(connection, [one], vault)
    assert (outcome.verdict, outcome.version, outcome.number) == (Verdict.APPENDED, 1, "1181106_0001")
    assert (outcome.recorded_at, outcome.fingerprint) == (NOON, "f00d")

    (stored,) = await read_stream_by_number(connection, "1181106_0001")
    assert (stored.stream_id, stored.event_id, stored.position) == (
        one.stream_id,
        one.events[0].event_id,
        outcome.position,
    )
    (recorded,) = await vault.unseal([stored])
    assert recorded.event == msgspec.structs.replace(one.events[0].event, number="1181106_0001")
    assert recorded.number == "1181106_0001"


async def test_nothing_personal_is_readable_in_the_row(connection: Connection, vault: Vault, aude: Person) -> None:
    await append(connection, [opening(aude)], vault)
    row = str(await connection.fetchrow("SELECT * FROM journal.events"))
    for secret in ("SOURCE", "aude.source", "+33472800000", "matin", "noir"):
        assert secret not in row
    assert "poste.demarrage" in row


async def test_the_events_of_a_command_follow_each_other(connection: Connection, vault: Vault) -> None:
    one = command(*(routed(f"g{n}") for n in range(25)))
    _, outcome = await append(connection, [command(routed()), one], vault)
    stored = await read_stream(connection, one.stream_id)
    assert [event.version for event in stored] == list(range(1, 26))
    assert [event.event_id for event in stored] == [new.event_id for new in one.events]
    assert [event.position for event in stored] == sorted(event.position for event in stored)
    assert (outcome.version, outcome.position) == (25, stored[-1].position)


async def test_a_replay_gets_the_answer_of_the_first_time(connection: Connection, vault: Vault, aude: Person) -> None:
    one = opening(aude)
    (first,) = await append(connection, [one], vault)
    await append(connection, [command(routed(), stream_id=one.stream_id)], vault)
    later = msgspec.structs.replace(one, recorded_at=NOON + timedelta(days=1))
    (again,) = await append(connection, [later], vault)
    assert again == msgspec.structs.replace(first, verdict=Verdict.DUPLICATE)
    assert await stream_version(connection, one.stream_id) == 2


async def test_a_replayed_command_of_several_events_answers_with_its_own_last(
    connection: Connection, vault: Vault
) -> None:
    one = command(routed("a"), routed("b"), routed("c"))
    (first,) = await append(connection, [one], vault)
    await append(connection, [command(routed(), stream_id=one.stream_id)], vault)
    (again,) = await append(connection, [one], vault)
    assert (again.version, again.position) == (3, first.position)


async def test_replays_burn_no_numbers(connection: Connection, vault: Vault, aude: Person) -> None:
    one = opening(aude)
    for _ in range(5):
        await append(connection, [one], vault)
    (next_one,) = await append(connection, [opening(aude)], vault)
    assert next_one.number == "1181106_0002"


@pytest.mark.parametrize(
    ("expected", "verdict"), [(0, "conflict"), (1, "conflict"), (2, "appended"), (3, "conflict"), (None, "appended")]
)
async def test_the_version_must_be_the_expected_one(
    connection: Connection, vault: Vault, expected: int | None, verdict: str
) -> None:
    one = command(routed(), routed())
    await append(connection, [one], vault)
    (outcome,) = await append(connection, [command(routed(), stream_id=one.stream_id, expected=expected)], vault)
    assert outcome.verdict == verdict
    assert outcome.version == (3 if verdict == "appended" else 2)
    assert (outcome.position is None) == (verdict == "conflict")


async def test_a_stream_that_does_not_exist_has_version_zero(connection: Connection, vault: Vault) -> None:
    conflict, opened = await append(connection, [command(routed(), expected=4), command(routed(), expected=0)], vault)
    assert (conflict.verdict, conflict.version) == (Verdict.CONFLICT, 0)
    assert opened.verdict is Verdict.APPENDED


async def test_a_number_is_given_at_birth_only(connection: Connection, vault: Vault, aude: Person) -> None:
    one = opening(aude)
    await append(connection, [one], vault)
    (outcome,) = await append(connection, [opening(aude, stream_id=one.stream_id)], vault)
    assert (outcome.verdict, outcome.version) == (Verdict.CONFLICT, 1)


async def test_one_call_holds_every_kind_of_outcome(connection: Connection, vault: Vault, aude: Person) -> None:
    known, moved = command(routed()), command(routed())
    await append(connection, [known, moved], vault)
    stale = command(routed(), stream_id=moved.stream_id, expected=7)
    outcomes = await append(connection, [stale, opening(aude), known, command(routed())], vault)
    assert [outcome.verdict for outcome in outcomes] == ["conflict", "appended", "duplicate", "appended"]
    assert [outcome.number for outcome in outcomes] == [None, "1181106_0001", None, None]


async def test_racing_commands_on_one_stream_leave_one_winner(pool: Pool, vault: Vault) -> None:
    one = command(routed())
    async with pool.acquire() as connection:
        await append(connection, [one], vault)

    async def race(number: int) -> Verdict:
        rival = command(routed(f"g{number}"), stream_id=one.stream_id, expected=1)
        async with pool.acquire() as connection:
            return (await append(connection, [rival], vault))[0].verdict

    verdicts = await asyncio.gather(*(race(number) for number in range(10)))
    assert sorted(verdicts) == ["appended", *["conflict"] * 9]


async def test_racing_openings_of_one_stream_leave_one_event(pool: Pool, vault: Vault, aude: Person) -> None:
    one = opening(aude)

    async def race() -> tuple[Verdict, str | None, Position | None]:
        async with pool.acquire() as connection:
            (outcome,) = await append(connection, [one], vault)
        return outcome.verdict, outcome.number, outcome.position

    outcomes = await asyncio.gather(*(race() for _ in range(10)))
    assert sorted(verdict for verdict, _, _ in outcomes) == ["appended", *["duplicate"] * 9]
    assert len({(number, position) for _, number, position in outcomes}) == 1


async def test_many_calls_over_the_same_streams_in_any_order_never_wait_for_each_other(
    pool: Pool, vault: Vault
) -> None:
    streams = [uuid4() for _ in range(20)]

    async def call(turn: int) -> None:
        mixed = streams[turn:] + streams[:turn]
        async with pool.acquire() as connection:
            await append(connection, [command(routed(), stream_id=stream) for stream in mixed], vault)

    await asyncio.gather(*(call(turn) for turn in range(20)))
    async with pool.acquire() as connection:
        assert {await stream_version(connection, stream) for stream in streams} == {20}


async def test_appends_with_what_the_caller_writes_or_not_at_all(connection: Connection, vault: Vault) -> None:
    one = command(routed())
    transaction = connection.transaction()
    await transaction.start()
    await append(connection, [one], vault)
    await transaction.rollback()
    assert await read_stream(connection, one.stream_id) == []


async def test_refuses_to_come_second_in_a_transaction(connection: Connection, vault: Vault) -> None:
    async with connection.transaction():
        await append(connection, [command(routed())], vault)
        with pytest.raises(asyncpg.ActiveSQLTransactionError, match="first write"):
            async with connection.transaction():
                await append(connection, [command(routed())], vault)


async def test_refuses_to_number_inside_a_transaction(connection: Connection, vault: Vault, aude: Person) -> None:
    async with connection.transaction():
        with pytest.raises(ValueError, match="number"):
            await append(connection, [opening(aude)], vault)


async def test_refuses_two_commands_for_one_stream_and_empty_ones(connection: Connection, vault: Vault) -> None:
    stream = uuid4()
    with pytest.raises(ValueError, match="two commands"):
        await append(connection, [command(routed(), stream_id=stream), command(routed(), stream_id=stream)], vault)
    with pytest.raises(ValueError, match="without events"):
        await append(connection, [command()], vault)


async def test_nothing_appended_is_nothing_done(connection: Connection, vault: Vault) -> None:
    assert await append(connection, [], vault) == []


async def test_keeps_any_text_that_people_can_send(connection: Connection, vault: Vault, aude: Person) -> None:
    text = 'NUL \x00, \u202e, 😀, \\u0000, "quotes", ligne\nligne, sealed.1.AAAA'
    one = command(updated(aude, text), owner=aude.id)
    await append(connection, [one], vault)
    (recorded,) = await vault.unseal(await read_stream(connection, one.stream_id))
    assert recorded.event == updated(aude, text)


async def test_every_event_may_have_its_own_owner_and_number_field(
    connection: Connection, vault: Vault, aude: Person
) -> None:
    first = opening(aude).events[0]
    second = NewEvent(event_id=uuid4(), event=updated(aude), meta=first.meta)
    one = Append(stream_id=uuid4(), events=(first, second), recorded_at=NOON, series=opening(aude).series)
    await append(connection, [one], vault)
    created, added = await vault.unseal(await read_stream(connection, one.stream_id))
    assert isinstance(created.event, IncidentCreated)
    assert created.event.number == created.number == added.number == "1181106_0001"
    assert await find_stream(connection, "1181106_0001") == one.stream_id
    assert await find_stream(connection, "1181106_0002") is None
    assert await read_stream_by_number(connection, "1181106_0002") == []
