"""The database is built the same way each time, and by whoever comes first."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from shared import database
from shared.journal.migrate import FOLDER, MigrationError, migrate, read_migrations
from tests.conftest import database_of

ROOT = Path(__file__).parents[3]
SHAPE = """
SELECT kind || ' ' || name || ' ' || said FROM (
    SELECT 'column' AS kind, table_schema || '.' || table_name || '.' || column_name AS name,
           concat_ws(' ', data_type, is_nullable, column_default) AS said
    FROM information_schema.columns WHERE table_schema IN ('journal', 'keys', 'notifier', 'query')
    UNION ALL
    SELECT 'index', schemaname || '.' || indexname, indexdef FROM pg_indexes WHERE schemaname IN ('journal', 'keys', 'notifier', 'query')
    UNION ALL
    SELECT 'function', p.oid::regprocedure::text, md5(pg_get_functiondef(p.oid)) || coalesce(p.proacl::text, '')
    FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname IN ('journal', 'keys', 'notifier', 'query')
    UNION ALL
    SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'table', c.oid::regclass::text, coalesce(relacl::text, '')
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname IN ('journal', 'keys', 'notifier', 'query')
) AS shape ORDER BY 1
"""


@pytest.fixture
async def empty_url(postgres_url: str) -> AsyncIterator[str]:
    name = f"empty_{uuid4().hex[:12]}"
    connection = await asyncpg.connect(postgres_url)
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield database_of(postgres_url, name)
    await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await connection.close()


async def shape(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for row in await connection.fetch(SHAPE)]
    finally:
        await connection.close()


async def test_builds_the_same_database_each_time(empty_url: str, database_url: str) -> None:
    applied = await migrate(empty_url)
    assert applied == [one.label for one in read_migrations()]
    assert await shape(empty_url) == await shape(database_url)


async def test_again_is_nothing_to_do(database_url: str) -> None:
    before = await shape(database_url)
    assert await migrate(database_url) == []
    assert await shape(database_url) == before


async def test_two_at_once_share_the_work(empty_url: str) -> None:
    first, second = await asyncio.gather(migrate(empty_url), migrate(empty_url))
    assert sorted(first + second) == [one.label for one in read_migrations()]
    assert not (first and second)


async def test_a_changed_migration_is_refused_and_changes_nothing(database_url: str, tmp_path: Path) -> None:
    for path in FOLDER.glob("*.sql"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "0001_journal.sql").open("a") as file:
        file.write("\nDROP TABLE journal.checkpoints;\n")
    before = await shape(database_url)
    with pytest.raises(MigrationError, match="0001_journal was changed"):
        await migrate(database_url, tmp_path)
    assert await shape(database_url) == before


async def test_a_migration_is_done_whole_or_not_at_all(database_url: str, tmp_path: Path) -> None:
    for path in FOLDER.glob("*.sql"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "9000_broken.sql").write_text("CREATE TABLE journal.half (); SELECT 1 / 0;")
    before = await shape(database_url)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(database_url, tmp_path)
    assert await shape(database_url) == before


async def test_a_migration_does_not_wait_long_for_a_lock(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.journal.migrate._LIMITS", {"lock_timeout": "50ms"})
    for path in FOLDER.glob("*.sql"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "9000_waits.sql").write_text("ALTER TABLE journal.checkpoints ADD COLUMN note text;")
    connection = await asyncpg.connect(database_url)
    async with connection.transaction():
        await connection.execute("LOCK journal.checkpoints")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await migrate(database_url, tmp_path)
    await connection.close()


def run(command: str, url: str, home: Path) -> "subprocess.CompletedProcess[str]":
    """In a home of its own: the usual one may hold the seals of another journal."""
    return subprocess.run(
        [sys.executable, "-m", "shared.journal", command],
        env=os.environ | {"CECOIA_DATABASE_URL": url, "CECOIA_HOME": str(home)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_says_what_it_did_in_one_line(database_url: str, tmp_path: Path) -> None:
    assert run("migrate", database_url, tmp_path).stdout == "nothing to do\n"
    assert run("verify", database_url, tmp_path).stdout.startswith(
        "0 events in 0 streams are as they were written\n0 blocks "
    )
    failed = run("migrate", "postgresql://nobody@127.0.0.1:1/none", tmp_path)
    assert failed.returncode == 1
    assert failed.stderr.startswith("migrate: ")
    assert failed.stderr.count("\n") == 1


async def test_every_statement_in_every_file_can_be_prepared(database_url: str) -> None:
    """A file of named statements stands beside the module that runs it; migrations are not such files."""
    files = [path for top in ("shared", "services") for path in (ROOT / top).rglob("*.sql") if path.parent != FOLDER]
    assert {"append.sql", "read.sql", "follow.sql"} <= {path.name for path in files}
    connection = await asyncpg.connect(database_url)
    for path in files:
        named = vars(database.statements(str(path), path.name))
        assert named, path
        for name, text in named.items():
            if re.search(r"\{\w+\}", text):
                continue  # composed at run time: the tests of what composes them prepare them
            if text.rstrip(";").count(";") or text.startswith("DO "):
                continue  # several at once: their own tests run them
            try:
                await connection.prepare(text)
            except asyncpg.PostgresError as error:
                pytest.fail(f"{path.relative_to(ROOT)}: {name}: {error}")
    await connection.close()
