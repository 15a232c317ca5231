"""The sealer covers every event once, whatever is killed, and does not seal over a contradiction."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from shared.database import Connection, Pool, connect_pool
from shared.journal.append import append
from shared.journal.read import JournalRestoredError
from shared.journal.sealer import WitnessContradictsError
from shared.journal.sealing import Vault
from shared.journal.verify import Finding, verify
from shared.journal.witness import Line, Witness
from tests.integration.journal.sealed import sealing, until_sealed
from tests.support.history import FROM_ELSEWHERE, command, routed

COUNT = "SELECT count(*) FROM journal.events"
LEADERS = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid::bigint = hashtext('sealer')::bigint & 4294967295
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "seals.log")


async def write(pool: Pool, vault: Vault, commands: int, pause: float = 0.0) -> None:
    for _ in range(commands):
        async with pool.acquire() as connection, connection.transaction():
            await append(connection, [command(routed(), routed()), command(routed())], vault)
            await asyncio.sleep(pause)


async def test_seals_while_many_write(
    database_url: str, pool: Pool, owner: Connection, vault: Vault, witness: Witness
) -> None:
    """Transactions that end in another order than they began are sealed in the order of readers, none left out."""
    async with sealing(database_url, witness, size=20, every=0.005):
        await asyncio.gather(*(write(pool, vault, 20, pause=writer / 500) for writer in range(10)))
        await until_sealed(owner, witness, 600)
    blocks = await owner.fetchval("SELECT count(*) FROM journal.blocks")
    assert await verify(owner, witness) == Finding(600, 400, blocks=blocks, witnessed=blocks, unsealed=0)
    assert await owner.fetchval("SELECT max(events) FROM journal.blocks") <= 20


@contextmanager
def process(database_url: str, witness: Witness) -> Iterator[subprocess.Popen[str]]:
    """The sealer as the stack starts it."""
    environment = os.environ | {"CECOIA_DATABASE_URL": database_url, "CECOIA_SEALS": str(witness.path)}
    command_line = [sys.executable, "-m", "shared.journal", "seal"]
    running = subprocess.Popen(command_line, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        running.kill()
        running.wait()
        if running.stderr:
            running.stderr.close()


async def test_a_killed_sealer_is_followed_by_another(
    database_url: str, pool: Pool, owner: Connection, vault: Vault, witness: Witness
) -> None:
    with process(database_url, witness) as first:
        await write(pool, vault, 1)
        await until_sealed(owner, witness, 3)
        with process(database_url, witness) as second:
            writing = asyncio.create_task(write(pool, vault, 200, pause=0.02))
            await until_sealed(owner, witness, 6)
            assert await owner.fetchval(LEADERS) == 1
            first.kill()
            await writing
            await until_sealed(owner, witness, 603)
            began = time.monotonic()
            second.send_signal(signal.SIGTERM)
            said = (await asyncio.to_thread(second.communicate))[1]
            assert second.returncode == 0
            assert time.monotonic() - began < 4
    lines = [msgspec.json.decode(line) for line in said.splitlines()]
    assert {line["event"] for line in lines} >= {"leads", "sealer_resumes"}
    finding = await verify(owner, witness)
    assert (finding.events, finding.unsealed, finding.lie) == (603, 0, None)
    assert finding.blocks == finding.witnessed


async def test_one_leads(database_url: str, pool: Pool, owner: Connection, vault: Vault, witness: Witness) -> None:
    async with sealing(database_url, witness), sealing(database_url, witness):
        await write(pool, vault, 5)
        await until_sealed(owner, witness, 15)
        assert await owner.fetchval(LEADERS) == 1
    assert (await verify(owner, witness)).unsealed == 0


class Frozen(Witness):
    """Of a sealer that freezes before it writes; `thaw` lets it wake."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.held: list[Line] = []

    def add(self, lines: Iterable[Line]) -> None:
        self.held.extend(lines)

    def thaw(self) -> None:
        super().add(self.held)


async def test_the_line_of_a_sealer_that_froze_may_come_late(
    database_url: str, pool: Pool, owner: Connection, vault: Vault, witness: Witness
) -> None:
    """It commits a block and freezes; another adds that block and more, then the first one wakes, and a third goes on."""
    frozen = Frozen(witness.path)
    await write(pool, vault, 1)
    async with sealing(database_url, frozen), asyncio.timeout(60):
        while not frozen.held:
            await asyncio.sleep(0.02)
    for events in (6, 9):
        await write(pool, vault, 1)
        async with sealing(database_url, witness):
            await until_sealed(owner, witness, events)
        frozen.thaw()
        assert await verify(owner, witness) == Finding(
            events, events // 3 * 2, blocks=events // 3, witnessed=events // 3, unsealed=0
        )
    assert [line.number for line in witness.lines()] == [1, 2, 1, 2, 3, 1]
    witness.add([frozen.held[0]._replace(seal=bytes(32))])
    assert str((await verify(owner, witness)).lie).startswith("block 1: has another seal than the witness saw")


async def test_a_witness_that_missed_lines_gets_them(
    database_url: str, pool: Pool, owner: Connection, vault: Vault, witness: Witness
) -> None:
    """A crash comes between the database and the file, or in the middle of a line."""
    await write(pool, vault, 4)
    async with sealing(database_url, witness):
        await until_sealed(owner, witness, 12)
    whole = witness.path.read_bytes()
    for cut in (1, 40, 200):
        witness.path.write_bytes(whole[:-cut])
        async with sealing(database_url, witness):
            await until_sealed(owner, witness, 12)
        assert witness.path.read_bytes() == whole


async def test_a_new_witness_begins_with_the_last_seal(
    database_url: str, pool: Pool, owner: Connection, vault: Vault, witness: Witness
) -> None:
    await write(pool, vault, 4)
    async with sealing(database_url, witness):
        await until_sealed(owner, witness, 12)
    witness.path.unlink()
    async with sealing(database_url, witness):
        await until_sealed(owner, witness, 12)
        await write(pool, vault, 1)
        await until_sealed(owner, witness, 15)
    assert [line.number for line in witness.lines()] == [4, 5]
    assert await verify(owner, witness) == Finding(15, 10, blocks=5, witnessed=2, unsealed=0)


async def test_does_not_seal_over_a_contradiction(
    database_url: str, pool: Pool, owner: Connection, vault: Vault, witness: Witness
) -> None:
    await write(pool, vault, 1)
    async with sealing(database_url, witness):
        await until_sealed(owner, witness, 3)
    await write(pool, vault, 1)
    for number, what in ((1, "has another seal"), (2, "is gone")):
        witness.path.write_text(f"{Line(number, bytes(32), '2018-11-06T10:49:49+00:00')}\n")
        async with sealing(database_url, witness) as task:
            with pytest.raises(WitnessContradictsError, match=f"block {number}, .*, {what}"):
                await task
    assert await owner.fetchval("SELECT max(number) FROM journal.blocks") == 1
    with process(database_url, witness) as refusing:
        said = (await asyncio.to_thread(refusing.communicate))[1]
    assert refusing.returncode == 1
    assert msgspec.json.decode(said.splitlines()[-1])["error"] == "WitnessContradictsError"


async def test_refuses_a_journal_from_another_server(database_url: str, owner: Connection, witness: Witness) -> None:
    await owner.execute(FROM_ELSEWHERE)
    async with sealing(database_url, witness) as task:
        with pytest.raises(JournalRestoredError):
            await task


async def test_begins_again_when_the_witness_cannot_be_written(
    database_url: str, pool: Pool, owner: Connection, vault: Vault, tmp_path: Path
) -> None:
    """A full disk, or a folder that is not there for a moment; the block was kept, its line comes later."""
    witness = Witness(tmp_path / "later" / "seals.log")
    await write(pool, vault, 1)
    async with sealing(database_url, witness), asyncio.timeout(30):
        while not await owner.fetchval("SELECT count(*) FROM journal.blocks"):
            await asyncio.sleep(0.02)
        witness.path.parent.mkdir()
        await until_sealed(owner, witness, 3)
    assert (await verify(owner, witness)).witnessed == 1


async def test_the_role_may_do_nothing_else(database_url: str, connection: Connection, vault: Vault) -> None:
    await append(connection, [command(routed())], vault)
    sealer = await connect_pool(database_url, "cecoia_sealer", name="tests", size=1)
    async with sealer.acquire() as one:
        assert await one.fetchval(COUNT) == 1
        readable = await one.fetch(
            "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname !~ '^(pg_|information)' "
            "AND has_schema_privilege(schemaname, 'USAGE') "
            "AND has_table_privilege(format('%I.%I', schemaname, tablename), 'SELECT')"
        )
    assert {row["name"] for row in readable} == {f"journal.{n}" for n in ("blocks", "events", "migrations", "streams")}
    await sealer.close()
