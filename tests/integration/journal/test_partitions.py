import asyncio

from shared.database import Connection, Pool
from shared.journal.append import append
from shared.journal.partitions import make_partitions
from shared.journal.read import read_page, read_stream
from shared.journal.records import START
from shared.journal.sealing import Vault
from tests.support.history import command, routed


async def partitions(owner: Connection) -> int:
    count: int = await owner.fetchval("SELECT count(*) FROM pg_inherits WHERE inhparent = 'journal.events'::regclass")
    return count


async def test_there_is_always_room_for_two_million_more(owner: Connection, connection: Connection) -> None:
    assert await make_partitions(connection) == 0
    await owner.execute("SELECT setval('journal.positions', 1000000)")
    assert await make_partitions(connection) == 1
    assert await partitions(owner) == 4


async def test_appending_makes_room_by_itself(owner: Connection, connection: Connection, vault: Vault) -> None:
    before = await partitions(owner)
    await owner.execute("SELECT setval('journal.positions', 1899999)")
    await append(connection, [command(routed())], vault)
    assert await partitions(owner) == before + 1


async def test_a_stream_may_lie_across_partitions(owner: Connection, connection: Connection, vault: Vault) -> None:
    one = command(routed("a"))
    await append(connection, [one], vault)
    for top in (999_998, 1_999_999):
        await owner.execute("SELECT setval('journal.positions', $1::bigint)", top)
        more = command(routed("b"), routed("c"), stream_id=one.stream_id)
        await append(connection, [more], vault)
        (again,) = await append(connection, [more], vault)
        assert again.verdict == "duplicate"
    stored = await read_stream(connection, one.stream_id)
    assert [event.version for event in stored] == [1, 2, 3, 4, 5]
    assert await read_page(connection, START) == stored


async def test_many_may_make_them_at_once_while_others_append(pool: Pool, owner: Connection, vault: Vault) -> None:
    await owner.execute("SELECT setval('journal.positions', 1000000)")

    async def make() -> int:
        async with pool.acquire() as connection:
            return await make_partitions(connection)

    async def write() -> None:
        async with pool.acquire() as connection:
            await append(connection, [command(routed())], vault)

    results = await asyncio.gather(*(make() for _ in range(5)), *(write() for _ in range(5)))
    assert sum(made or 0 for made in results) == 1
    assert await partitions(owner) == 4
