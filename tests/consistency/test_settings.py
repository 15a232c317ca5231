"""Processes that begin with settings that do not fit end with one line, not with a traceback."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
READING = re.compile(r"\bSettings\.read\(\)")


def test_processes_read_their_settings_or_exit() -> None:
    texts = {path: path.read_text() for folder in ("services", "deploy") for path in (ROOT / folder).rglob("*.py")}
    assert [str(path.relative_to(ROOT)) for path, text in texts.items() if READING.search(text)] == []
    assert any("Settings.read_or_exit()" in text for text in texts.values())
