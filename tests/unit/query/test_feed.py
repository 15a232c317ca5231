"""What may be asked of the feed, and how personal texts are taken out of what it gives."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.query.feed.asking import Asked, read_asked
from services.query.feed.reading import Page, past, without_personal
from shared.events.base import ERASED
from shared.http.problems import Problem
from shared.journal.records import Position

TEXTS = st.one_of(
    st.text(),
    st.sampled_from(
        ["sealed.1.", "sealed.1.QUJD+/==", ERASED, 'x:"sealed.1.y', '\\"', ',"sealed.1.x', f'["{ERASED}', '"']
    ),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)


def hidden(value):
    """The obvious way."""
    if isinstance(value, dict):
        return {name: hidden(item) for name, item in value.items()}
    if isinstance(value, list):
        return [hidden(item) for item in value]
    personal = isinstance(value, str) and (value == ERASED or (value.startswith("sealed.1.") and is_sealed(value)))
    return None if personal else value


def is_sealed(text):
    """What is sealed is base64: nothing in it is escaped."""
    return json.dumps(text, ensure_ascii=False) == f'"{text}"'


@given(st.dictionaries(TEXTS, VALUES))
def test_personal_texts_become_null_wherever_they_stand(data):
    shown = without_personal(msgspec.json.encode(data).decode())
    assert json.loads(shown) == hidden(data)
    assert len(shown.splitlines()) == 1


def test_an_end_of_line_that_only_some_know_is_escaped():
    assert without_personal('{"a":"b\u2028c\x85"}') == '{"a":"b\\u2028c\\u0085"}'


def wanted(**given):
    return read_asked({name.rstrip("_"): value for name, value in given.items()}, default=None).wanted


def test_days_are_those_of_paris_and_the_last_one_is_included():
    found = wanted(from_="2026-03-29", to="2026-10-25")
    assert (found.since, found.until) == (
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 10, 25, 23, tzinfo=UTC),
    )


def test_instants_are_what_they_say():
    found = wanted(from_="2026-11-06T10:49:49 01:00", to="2026-11-06T09:49:50Z")
    assert (found.since, found.until) == (
        datetime(2026, 11, 6, 9, 49, 49, tzinfo=UTC),
        datetime(2026, 11, 6, 9, 49, 50, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "text",
    ["hier", "2026-02-30", "2026-11-06T10:00:00", "20261106", "9999-12-31", "0001-01-01", "0001-01-01T00:00:00+09:00"],
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(Problem) as refused:
        wanted(to=text, from_=text)
    assert {error.field for error in refused.value.errors} <= {"from", "to"}


def test_a_period_must_not_end_before_it_begins():
    with pytest.raises(Problem) as refused:
        wanted(from_="2026-11-07", to="2026-11-06")
    assert [error.field for error in refused.value.errors] == ["to"]
    assert wanted(from_="2026-11-06", to="2026-11-06").until


def test_a_stream_that_was_cut_goes_on_at_its_last_event():
    first, last = Position(1, 1).encode(), Position(7, 7).encode()
    assert read_asked({"after": first}, default=None, resumed=last).after == Position(7, 7)
    with pytest.raises(Problem) as refused:
        read_asked({}, default=None, resumed="nowhere")
    assert [error.field for error in refused.value.errors] == ["Last-Event-ID"]


def test_a_limit_is_for_all_pages_together():
    page = Page(items=[], next=Position(3, 4).encode(), more=True)
    assert past(Asked(limit=5), page) == Asked(after=Position(3, 4), limit=5)
    assert past(Asked(), page).limit is None
