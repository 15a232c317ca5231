"""Numbers are drawn without anybody waiting, and the day they belong to is the one in Paris."""

import asyncio
from datetime import UTC, datetime

from shared.database import Connection, Pool
from shared.events.base import Person
from shared.journal.append import append
from shared.journal.numbers import draw
from shared.journal.records import Series
from shared.journal.sealing import Vault
from tests.support.history import NOON, command, opening, routed


async def test_the_day_ends_at_midnight_in_paris(connection: Connection, vault: Vault, aude: Person) -> None:
    instants = [
        datetime(2018, 11, 6, 22, 59, 59, 999999, tzinfo=UTC),
        datetime(2018, 11, 6, 23, 0, tzinfo=UTC),
        datetime(2018, 7, 1, 21, 59, 59, tzinfo=UTC),
        datetime(2018, 7, 1, 22, 0, tzinfo=UTC),
    ]
    numbers = [(await append(connection, [opening(aude, at=at)], vault))[0].number for at in instants]
    assert numbers == ["1181106_0001", "1181107_0001", "1180701_0001", "1180702_0001"]


async def test_who_is_late_still_gets_a_number_of_the_old_day(
    connection: Connection, vault: Vault, aude: Person
) -> None:
    today, tomorrow = NOON, datetime(2018, 11, 7, 11, 0, tzinfo=UTC)
    outcomes = await append(connection, [opening(aude, at=at) for at in (today, tomorrow, today, tomorrow)], vault)
    assert len({outcome.number for outcome in outcomes}) == 4
    assert [str(outcome.number)[:8] for outcome in outcomes] == ["1181106_", "1181107_", "1181106_", "1181107_"]


async def test_the_ten_thousandth_of_a_day(
    connection: Connection, owner: Connection, vault: Vault, aude: Person
) -> None:
    await append(connection, [opening(aude)], vault)
    await owner.execute("SELECT setval('journal.numbers_1', 9998)")
    outcomes = await append(connection, [opening(aude) for _ in range(3)], vault)
    assert [outcome.number for outcome in outcomes] == ["1181106_9999", "1181106_10000", "1181106_10001"]


async def test_each_series_counts_for_itself(connection: Connection) -> None:
    wanted = [
        command(routed(), series=Series.INCIDENT),
        command(routed()),
        command(routed(), series=Series.KNOWN_ERROR),
    ]
    assert await draw(connection, wanted) == ["1181106_0001", None, "E181106_0001"]
    assert await draw(connection, wanted) == ["1181106_0002", None, "E181106_0002"]


async def test_everybody_at_once_on_a_new_day_gets_another(pool: Pool) -> None:
    async def some() -> list[str | None]:
        async with pool.acquire() as connection:
            return await draw(connection, [command(routed(), series=Series.INCIDENT) for _ in range(20)])

    drawn = [number for numbers in await asyncio.gather(*(some() for _ in range(12))) for number in numbers]
    assert len(set(drawn)) == 240
    assert min(map(str, drawn)) == "1181106_0001"


async def test_drawing_leaves_the_connection_waiting_for_the_disk_again(connection: Connection) -> None:
    await draw(connection, [command(routed(), series=Series.INCIDENT)])
    assert await connection.fetchval("SHOW synchronous_commit") == "on"
