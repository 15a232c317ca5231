"""The data dictionary in the repository is the one that the code makes, and no person leaves under an id of ours."""

import msgspec
import pytest

from services.query.exports import dictionary
from services.query.exports.events import NAMED
from shared.events.registry import EVENTS

#: Fields of events that hold an id, and no person's.
THINGS = {"document", "mail", "stream", "news", "cause", "webhook"}


def test_the_page_in_the_repository_is_that_of_the_code() -> None:
    made = dictionary.PAGE.read_text(encoding="utf-8")
    assert made == dictionary.page(), "run python -m services.query.exports.dictionary"


def test_check_fails_when_it_is_out_of_date(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("sys.argv", ["dictionary", "--check"])
    dictionary.main()
    monkeypatch.setattr(dictionary, "PAGE", tmp_path / "data.md")
    dictionary.PAGE.write_text("Once upon a time.", encoding="utf-8")
    with pytest.raises(SystemExit, match="out of date"):
        dictionary.main()


def test_ids_of_events_are_known_to_be_of_people_or_of_things() -> None:
    found = {field.encode_name for event in EVENTS for field in ids(msgspec.inspect.type_info(event))}
    assert found == THINGS - {"stream"} | set(NAMED)


def ids(kind) -> list:
    """Fields of a struct that are an id, or may be."""
    of = [(field, getattr(field.type, "types", (field.type,))) for field in kind.fields]
    return [field for field, types in of if any(isinstance(one, msgspec.inspect.UUIDType) for one in types)]
