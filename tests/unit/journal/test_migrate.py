from pathlib import Path
from typing import Any

import pytest

from shared.journal.migrate import Migration, MigrationError, missing, read_migrations

FIRST, SECOND = Migration(1, "one", "select 1"), Migration(2, "two", "select 2")


def row(migration: Migration) -> dict[str, Any]:
    return {"number": migration.number, "name": migration.name, "sha256": migration.sha256}


def test_what_was_applied_is_not_applied_again() -> None:
    assert missing([row(FIRST)], [FIRST, SECOND]) == [SECOND]


def test_a_number_left_free_is_not_filled_later() -> None:
    with pytest.raises(MigrationError, match="0001_one came too late: this database went on to 0002"):
        missing([row(SECOND)], [FIRST, SECOND])


def test_a_changed_migration_is_refused() -> None:
    with pytest.raises(MigrationError, match="0001_one was changed"):
        missing([row(FIRST)], [Migration(1, "one", "select 11")])


def test_a_database_ahead_of_the_code_is_refused() -> None:
    with pytest.raises(MigrationError, match="0002_two was applied to this database by a newer version"):
        missing([row(FIRST), row(SECOND)], [FIRST])


def test_the_files_here_are_in_order() -> None:
    numbers = [migration.number for migration in read_migrations()]
    assert numbers == sorted(set(numbers))
    assert numbers[:3] == [1, 2, 3]


@pytest.mark.parametrize("names", [["1_one.sql"], ["0001-one.sql"], ["0001_one.sql", "0001_two.sql"]])
def test_names_and_numbers_are_checked(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("select 1")
    with pytest.raises(MigrationError):
        read_migrations(tmp_path)
