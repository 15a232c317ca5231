"""Nobody changes what was written: not the services, and not by accident the owner."""

import asyncpg
import pytest

from shared.database import Connection, connect_pool
from shared.journal.append import append
from shared.journal.partitions import make_partitions
from shared.journal.sealing import Vault
from tests.support.history import command, routed

TABLES = ("journal.events", "journal.events_000000", "journal.streams")
CHANGES = ("UPDATE {} SET version = 9", "DELETE FROM {}", "TRUNCATE {}")
BLOCK = "INSERT INTO journal.blocks VALUES (1, '1', 1, '1', 1, 1, sha256('root'), now(), sha256('seal'))"
ROLES = ("cecoia_intake", "cecoia_notifier", "cecoia_query", "cecoia_sealer")


@pytest.mark.parametrize("role", ROLES)
async def test_services_may_not(database_url: str, connection: Connection, vault: Vault, role: str) -> None:
    await append(connection, [command(routed())], vault)
    pool = await connect_pool(database_url, role, name="tests", size=1)
    async with pool.acquire() as one:
        for table in TABLES:
            for change in (*CHANGES, "INSERT INTO {} (stream_id) VALUES (gen_random_uuid())"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await one.execute(change.format(table))
    await pool.close()


async def test_query_may_not_append(reader_pool: asyncpg.Pool, connection: Connection, vault: Vault) -> None:
    async with reader_pool.acquire() as one:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await append(one, [command(routed())], vault)


@pytest.mark.parametrize("table", TABLES[:2])
@pytest.mark.parametrize("change", CHANGES)
async def test_nor_may_the_owner(
    owner: Connection, connection: Connection, vault: Vault, table: str, change: str
) -> None:
    await append(connection, [command(routed())], vault)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await owner.execute(change.format(table))


async def test_streams_are_never_forgotten(owner: Connection, connection: Connection, vault: Vault) -> None:
    await append(connection, [command(routed())], vault)
    for change in CHANGES[1:]:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await owner.execute(change.format("journal.streams"))


async def test_every_partition_refuses_also_those_made_later(
    owner: Connection, connection: Connection, vault: Vault
) -> None:
    await owner.execute("SELECT setval('journal.positions', 2999999)")
    assert await make_partitions(connection) == 2
    await append(connection, [command(routed()), command(routed())], vault)
    rows = await owner.fetch(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'journal.events'::regclass"
    )
    names = {row["name"] for row in rows}
    assert {"journal.events_000002", "journal.events_000003", "journal.events_000004"} <= names
    for name in names:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await owner.execute(f"TRUNCATE {name}")
        if await owner.fetchval(f"SELECT count(*) FROM {name}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
                await owner.execute(f"DELETE FROM {name}")


@pytest.mark.parametrize("role", ROLES)
async def test_who_logs_in_as_a_service_can_become_nobody_else(database_url: str, role: str) -> None:
    one = await asyncpg.connect(database_url.replace("cecoia@", f"{role}@"))
    try:
        for other in ("cecoia", *ROLES):
            if other != role:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await one.execute(f"SET ROLE {other}")
    finally:
        await one.close()


async def test_a_sealed_block_stays(database_url: str, owner: Connection) -> None:
    await owner.execute(BLOCK)
    sealer = await asyncpg.connect(database_url.replace("cecoia@", "cecoia_sealer@"))
    for one, why in ((sealer, "permission denied"), (owner, "append-only")):
        for change in ("UPDATE journal.blocks SET events = 2", "DELETE FROM journal.blocks", "TRUNCATE journal.blocks"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match=why):
                await one.execute(change)
    await sealer.close()
    for role in ROLES[:3]:
        service = await asyncpg.connect(database_url.replace("cecoia@", f"{role}@"))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await service.execute(BLOCK)
        await service.close()
