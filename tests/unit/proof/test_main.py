"""A run that would break nothing is no proof."""

import sys

import pytest

from tests.proof.__main__ import main


def test_words_that_no_fault_has_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["proof", "--only", "rediss"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "redis flushed" in capsys.readouterr().err
