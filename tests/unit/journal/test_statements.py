from pathlib import Path

import pytest

from shared.database import statements


def test_loads_statements_by_name(tmp_path: Path) -> None:
    (tmp_path / "some.sql").write_text(
        "-- About all.\n\n-- name: one\n-- About one.\nSELECT 1;\n\n-- name: two\nSELECT 2;\n"
    )
    loaded = statements(str(tmp_path / "some.py"), "some.sql")
    assert vars(loaded) == {"one": "-- About one.\nSELECT 1;", "two": "SELECT 2;"}
    assert loaded.two == "SELECT 2;"
    with pytest.raises(AttributeError):
        _ = loaded.three


def test_a_name_stands_once(tmp_path: Path) -> None:
    (tmp_path / "some.sql").write_text("-- name: one\nSELECT 1;\n-- name: one\nSELECT 2;\n")
    with pytest.raises(ValueError, match="twice"):
        statements(str(tmp_path / "some.py"), "some.sql")
