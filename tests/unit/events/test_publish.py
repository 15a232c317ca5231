from pathlib import Path

import pytest

from shared.events import publish
from shared.events.incident import IncidentCreated
from shared.events.registry import EVENTS


def test_the_schemas_in_the_repository_are_those_of_the_events() -> None:
    assert publish.stale() == [], "run python -m shared.events.publish"


def test_every_version_of_every_event_has_one() -> None:
    assert len(publish.documents()) == len(EVENTS)


def test_a_reader_sees_what_is_personal() -> None:
    definitions = publish.schema(IncidentCreated)["$defs"]
    assert definitions["IncidentCreated"]["properties"]["description"] == {"x-personal": True, "type": "string"}
    assert "x-personal" not in definitions["IncidentCreated"]["properties"]["subject"]
    assert definitions["Person"]["properties"]["name"]["x-personal"] is True


def test_writing_repairs_what_is_missing_changed_or_too_much(tmp_path: Path) -> None:
    publish.write(tmp_path)
    (tmp_path / "IncidentRouted.1.json").write_text("{}")
    (tmp_path / "IncidentCreated.1.json").unlink()
    (tmp_path / "Forgotten.1.json").write_text("{}")
    assert publish.write(tmp_path) == ["Forgotten.1.json", "IncidentCreated.1.json", "IncidentRouted.1.json"]
    assert publish.stale(tmp_path) == []


def test_check_fails_when_something_is_out_of_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["publish", "--check"])
    publish.main()
    monkeypatch.setattr(publish.stale, "__defaults__", (tmp_path,))
    with pytest.raises(SystemExit, match="out of date"):
        publish.main()
    assert "IncidentCreated.1.json" in capsys.readouterr().out
