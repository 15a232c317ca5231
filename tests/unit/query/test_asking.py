"""What readers ask for: searches, ranges, media types, cursors, spreadsheet cells."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.query.documents.ranges import UnsatisfiableError, headers, is_known, read_range
from services.query.incidents.cursors import SORTS, Order, read_cursor
from services.query.incidents.search import parameters
from services.query.reports.feed import without_sealed
from services.query.reports.figures import wants
from services.query.reports.tables import read_asked, to_csv
from shared.http.problems import Problem
from shared.wire import Column, Report


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("code 53", ("code 53", "code ", "'53':*")),
        ("échec", ("échec", "", "'échec':*")),
        ("l’impri", ("l’impri", "l’", "'impri':*")),
        ("panne -imprimante", ("panne -imprimante", "", "")),
        ('"code 535', ('"code 535', "", "")),
        ('"code 535"', ('"code 535"', "", "")),
        ("fin !", ("fin !", "", "")),
    ],
)
def test_the_last_word_is_still_being_typed(typed, expected):
    assert parameters(typed) == expected


@given(st.text())
def test_any_cursor_is_read_or_refused(text):
    try:
        order = read_cursor(text, "number")
    except ValueError:
        return
    assert len(order.after) == len(order.keys)


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{name}" for name in SORTS)])
def test_orders_say_the_same_thrice(sort):
    order = Order(sort)
    assert order.order_by().count(" desc" if sort.startswith("-") else " asc") == len(order.keys)
    assert order.condition(3).count("$") == len(order.keys)
    assert order.extra_columns().count("_key") == len(order.keys)


@given(st.text(alphabet="bytes=0123456789-, "), st.integers(min_value=1, max_value=1000))
def test_ranges_lie_within_the_document(asked, size):
    try:
        span = read_range({"range": asked}, size, "0" * 64)
    except UnsatisfiableError:
        return
    assert span is None or 0 <= span.start < span.end <= size


@pytest.mark.parametrize("filename", ['a"b\\c.png', "é’日本.pdf", "a\nb.txt", "100%.txt", "'; filename=x"])
def test_file_names_cannot_break_their_header(filename):
    value = headers(filename, "image/png", "0" * 64)["Content-Disposition"]
    value.encode("ascii")
    assert value.count('"') == 2
    assert "\n" not in value


def test_known_documents():
    assert is_known("*", "a")
    assert is_known('W/"a"', "a")
    assert not is_known('"b"', "a")
    assert not is_known(None, "a")


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("text/csv", True),
        ("text/csv; q=0.9, */*", True),
        ("application/json, text/csv", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_a_form_is_given_when_it_is_named(accept, wanted):
    assert wants(accept, "text/csv") is wanted


def test_sealed_texts_become_null_wherever_they_stand():
    data = {"a": "sealed.1.x", "b": {"c": "sealed.1.y", "d": "open"}, "e": ["sealed.1.z", 1], "f": None}
    assert without_sealed(data) == {"a": None, "b": {"c": None, "d": "open"}, "e": [None, 1], "f": None}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell):
    day = date(2026, 11, 6)
    columns = [Column(name="subject", label="Objet", unit="code"), Column(name="created", label="Créés", unit="count")]
    report = Report(name="volumes", title="", from_=day, to=day, by=["subject"], columns=columns, rows=[[cell, -1]])
    row = to_csv(report).decode("utf-8-sig").split("\r\n", 1)[1]
    assert row.lstrip('"').startswith(f"'{cell[0]}")
    assert row.rstrip().endswith(";-1")


def test_a_report_without_a_period_covers_thirty_days():
    asked = read_asked({}, date(2026, 11, 30))
    assert (asked.first, asked.last, asked.by) == (date(2026, 11, 1), date(2026, 11, 30), ("day",))
    assert read_asked({"by": "day, subject,day"}, date(2026, 11, 30)).by == ("day", "subject")
    with pytest.raises(Problem):
        read_asked({"from": "20261106"}, date(2026, 11, 30))
