"""What readers ask for: searches, ranges, media types, cursors, spreadsheet cells."""

import base64
from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.query.accepting import wants
from services.query.documents.ranges import UnsatisfiableError, headers, is_known, read_range
from services.query.feed import asking
from services.query.incidents.cursors import SORTS, Order, read_cursor
from services.query.incidents.listing import read_list
from services.query.incidents.search import parameters
from services.query.parameters import EARLIEST, read_instant
from services.query.queues.asking import read_queue
from services.query.reports.asking import read_asked, read_detail
from services.query.reports.declared import REPORTS
from services.query.reports.tables import to_csv
from shared.http.problems import Problem
from shared.journal.records import Position
from shared.life import OPEN
from shared.wire.reports import Column, Report


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


VOLUMES = REPORTS["volumes"]
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell):
    day = date(2026, 11, 6)
    columns = [Column(name="subject", label="Objet", unit="code"), Column(name="created", label="Créés", unit="count")]
    report = Report(name="volumes", title="", from_=day, to=day, by=["subject"], columns=columns, rows=[[cell, -1]])
    row = to_csv(report).decode("utf-8-sig").split("\r\n", 1)[1]
    assert row.lstrip('"').startswith(f"'{cell[0]}")
    assert row.rstrip().endswith(";-1")


def test_shares_have_a_decimal_comma_for_people():
    columns = [Column(name="share", label="Part", unit="share"), Column(name="created", label="Créés", unit="count")]
    day = date(2026, 11, 6)
    report = Report(name="r", title="", from_=day, to=day, by=[], columns=columns, rows=[[0.25, 4], [None, 0]])
    assert to_csv(report, spoken=True).decode("utf-8-sig").splitlines() == ["Part;Créés", "0,25;4", ";0"]
    assert to_csv(report).decode("utf-8-sig").splitlines() == ["share;created", "0.25;4", ";0"]


def test_a_report_is_asked_about_no_instant_that_cannot_be():
    for at, understood in (("2027-01-01T00:00:00Z", NOW), ("0001-01-01T00:00:00Z", EARLIEST)):
        assert read_asked(VOLUMES, {"at": at}, NOW).at == understood
    assert read_asked(VOLUMES, {"at": "2026-11-06T10:00:00 01:00"}, NOW).at == datetime(2026, 11, 6, 9, tzinfo=UTC)


def test_every_bad_word_about_a_report_is_named():
    given = {"at": "hier", "urgency": "high,haute", "subject": "a\0", "column": "colour", "cursor": "x", "limit": "0"}
    with pytest.raises(Problem) as refused:
        read_detail(VOLUMES, {**given, "by": "subject,hour", "cell.subject": "\0"}, NOW)
    assert {error.field for error in refused.value.errors} == {*given, "by", "cell.subject"}
    with pytest.raises(Problem):
        read_asked(VOLUMES, {"by": "known-error"}, NOW)
    assert read_asked(REPORTS["known-errors"], {"by": "known-error"}, NOW).by == ("known-error",)


def test_no_two_reports_or_figures_have_one_name():
    for report in REPORTS.values():
        names = [*report.axes, *(figure.column.name for figure in report.figures)]
        assert len(set(names)) == len(names), report.name
        assert report.about.endswith(".")


def test_a_report_without_a_period_covers_thirty_days():
    asked = read_asked(VOLUMES, {}, NOW)
    assert (asked.first, asked.last, asked.by) == (date(2026, 11, 1), date(2026, 11, 30), ("day",))
    assert read_asked(VOLUMES, {"by": "day, subject,day"}, NOW).by == ("day", "subject")
    with pytest.raises(Problem):
        read_asked(VOLUMES, {"from": "20261106"}, NOW)


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1e9", "٣", "²", "101", "000000001999", "9" * 30, "1" * 5000, "1_0"])
def test_a_limit_that_is_none_is_refused(limit):
    for read in (lambda given: read_list(given, is_agent=False), lambda given: read_queue(given, ["reseau"])):
        with pytest.raises(Problem) as refused:
            read({"limit": limit})
        assert [error.field for error in refused.value.errors] == ["limit"]
    with pytest.raises(Problem):
        asking.read_asked({"limit": limit.replace("101", "1001")}, default=None)


def test_every_bad_word_about_a_queue_is_named():
    words = {"status": "lost", "urgency": "high,none", "responsible": "him", "hold": "godot", "your_turn": "oui"}
    with pytest.raises(Problem) as refused:
        read_queue({**words, "sort": "beauty"}, ["reseau"])
    assert {error.field for error in refused.value.errors} == {*words, "sort"}


def test_a_queue_that_is_asked_for_nothing_shows_what_waits():
    listing = read_queue({}, ["reseau"])
    assert (listing.statuses, listing.groups, listing.order.sort) == (OPEN, ("reseau",), "pressing")
    assert read_queue({}, []).groups == ()


def test_a_limit_is_read_once():
    assert read_list({"limit": "000000100"}, is_agent=False).limit == 100
    assert read_list({}, is_agent=False).limit == 20
    assert asking.read_asked({"limit": " 1000 "}, default=None).limit == 1000
    assert asking.read_asked({"limit": " "}, default=None).limit is None


def packed(*values):
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


STREAM = "0" * 8 + "-0000" * 3 + "-" + "0" * 12


@pytest.mark.parametrize(
    ("sort", "keys"),
    [
        ("recorded_at", ["0001-01-01T00:00:00+14:00"]),
        ("recorded_at", ["9999-12-31T23:59:59-14:00"]),
        ("recorded_at", ["2026-11-06T10:00:00"]),
        ("recorded_at", [253402300800]),
        ("number", [2**63]),
        ("number", [1e300]),
        ("urgency", [2**15, "2026-11-06T10:00:00Z"]),
        ("subject", ["\0", "2026-11-06T10:00:00Z"]),
        ("subject", ["a" * 501, "2026-11-06T10:00:00Z"]),
    ],
)
def test_a_cursor_holds_only_what_its_columns_do(sort, keys):
    with pytest.raises(ValueError, match=r"^\S+$"):
        read_cursor(packed(sort, *keys, STREAM), sort)


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_a_cursor_may_stand_at_the_end_of_time(instant):
    assert read_cursor(packed("recorded_at", instant, STREAM), "recorded_at").after
    assert read_instant("at", instant)


@pytest.mark.parametrize(
    "instant",
    ["0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "9" * 5000, "2026-11-06", "2026-11-06T10:00:00", "1e400"],
)
def test_an_instant_that_is_none_is_refused(instant):
    with pytest.raises(Problem):
        read_instant("at", instant)


@pytest.mark.parametrize("offset", ["+14:00", "-14:00"])
@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00", "9999-12-31T23:59:59"])
def test_any_instant_can_be_compared(instant, offset):
    known = datetime(2026, 11, 6, tzinfo=UTC)
    assert (read_instant("at", instant + offset) < known) is instant.startswith("0001")


@pytest.mark.parametrize("day", ["0000-01-01", "10000-01-01", "9" * 5000, "9999-12-32", "-001-01-01"])
@pytest.mark.parametrize("field", ["from", "to"])
def test_a_day_that_is_none_is_refused(field, day):
    with pytest.raises(Problem):
        read_asked(VOLUMES, {field: day}, NOW)


def test_periods_at_the_ends_of_time():
    assert read_asked(VOLUMES, {"to": "0001-01-01"}, NOW).first == date.min
    assert read_asked(VOLUMES, {"from": "9999-12-01", "to": "9999-12-31"}, NOW).last == date.max


@pytest.mark.parametrize("text", ["9" * 5000 + ".1", f"{2**63}.1", "1.-1", "+1.1", "1_0.1", "1.1.1", "", "."])
def test_a_position_that_is_none_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - its text is the position's
        Position.decode(base64.urlsafe_b64encode(text.encode()).decode().rstrip("="))
