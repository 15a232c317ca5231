"""What the threat model says protects is shown by tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODEL = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
PROTECTS = MODEL.partition("## What protects\n")[2].partition("\n## ")[0]


def test_every_line_of_protection_names_its_tests() -> None:
    rows = [row for row in PROTECTS.splitlines() if row.startswith("| ")][1:]
    assert len(rows) > 10
    assert [row for row in rows if "::test_" not in row] == []


def test_the_tests_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PROTECTS)
    missing = [f"{file}::{name}" for file, name in named if not has(ROOT / file, name)]
    assert missing == []


def has(file: Path, name: str) -> bool:
    return file.exists() and f"def {name}(" in file.read_text(encoding="utf-8")
