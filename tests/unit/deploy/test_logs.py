"""Logs stay short and the writer notices nothing."""

from pathlib import Path

import pytest

from deploy import logs


def test_a_long_log_is_set_aside_while_its_writer_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LIMIT", 10)
    with logs.open_log(tmp_path, "relay") as log:
        log.write(b"a long first line\n")
        log.flush()
        logs.rotate(tmp_path, "relay")
        log.write(b"short\n")
    assert (tmp_path / "relay.log").read_text() == "short\n"
    assert (tmp_path / "relay.log.1").read_text() == "a long first line\n"


def test_the_last_line_is_what_people_are_told(tmp_path: Path) -> None:
    with logs.open_log(tmp_path, "relay") as log:
        log.write(b"first\nlast words\n")
    assert logs.tail(tmp_path, "relay") == "last words"


def test_a_silent_process_is_said_to_be_silent(tmp_path: Path) -> None:
    logs.open_log(tmp_path, "relay").close()
    assert logs.tail(tmp_path, "relay") == "it says nothing"
