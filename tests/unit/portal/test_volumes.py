"""What a manager asks for is read with patience, and the figures come back whole and in order."""

from datetime import date

import pytest

from services.portal.reports import volumes
from shared.wire.reports import Column, Report

TODAY = date(2026, 11, 24)
COUNTS = [Column(name=name, label=name, unit="count") for name in volumes.COUNTS]


def choice(start: str, end: str, unit: str = "day", split: str = "subject") -> volumes.Choice:
    return volumes.Choice(date.fromisoformat(start), date.fromisoformat(end), unit, split)


def report(by: list[str], rows: list[list[object]], *labels: str) -> Report:
    columns = [Column(name=name, label=name, unit="code") for name in (*by, *labels)] + COUNTS
    return Report(name="volumes", title="Volumes", from_=TODAY, to=TODAY, by=by, columns=columns, rows=rows)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "end", "by", "expected"),
    [
        (None, None, [], choice("2026-10-26", "2026-11-24")),
        ("2026-11-01", "2026-11-10", ["week,group"], choice("2026-11-01", "2026-11-10", "week", "group")),
        ("2026-11-01", "2026-11-10", ["month", "urgency"], choice("2026-11-01", "2026-11-10", "month", "urgency")),
        ("2026-11-10", "2026-11-01", ["day"], choice("2026-11-01", "2026-11-10")),
        ("demain", "32/13/2026", ["lune"], choice("2026-10-26", "2026-11-24")),
        ("0001-01-01", "9999-12-31", [], choice("2026-10-26", "2026-11-24")),
        ("2001-01-01", "2026-11-24", [], choice("2016-11-16", "2026-11-24")),
    ],
)
def test_an_address_is_read_with_patience(
    start: str | None, end: str | None, by: list[str], expected: volumes.Choice
) -> None:
    assert volumes.read_choice(start, end, by, TODAY) == expected


def test_the_period_before_has_the_same_length_and_touches_it() -> None:
    before = choice("2026-11-01", "2026-11-10").before()
    assert (before.start, before.end) == (date(2026, 10, 22), date(2026, 10, 31))


def test_no_moment_of_the_period_is_left_out() -> None:
    table = volumes.by_moment(report(["day"], [["2026-11-23", 3, 2, 1, 0]]), choice("2026-11-22", "2026-11-24"))
    assert [counts["created"] for counts in table.values()] == [0, 3, 0]


@pytest.mark.parametrize(
    ("unit", "code", "expected"),
    [
        ("week", "2026-W48", date(2026, 11, 23)),
        ("week", "2026-11-23", date(2026, 11, 23)),
        ("month", "2026-11", date(2026, 11, 1)),
        ("month", "2026-11-01", date(2026, 11, 1)),
    ],
)
def test_moments_are_understood_in_each_spelling(unit: str, code: str, expected: date) -> None:
    table = volumes.by_moment(report([unit], [[code, 5, 0, 0, 0]]), choice("2026-11-20", "2026-11-24", unit))
    assert table[expected]["created"] == 5


def test_splits_add_up_and_come_most_created_first() -> None:
    rows: list[list[object]] = [
        ["2026-11-23", "a", 1, 0, 0, 0],
        ["2026-11-24", "a", 1, 1, 0, 0],
        ["2026-11-24", "b", 5, 0, 2, 0],
    ]
    asked = choice("2026-11-23", "2026-11-24")
    first, second = volumes.by_split(report(["day", "subject"], rows), asked, {"a": "Réseau", "b": "Messagerie"})
    assert (first.label, first.counts["created"], second.counts["created"]) == ("Messagerie", 5, 2)
    assert second.created == {date(2026, 11, 23): 1, date(2026, 11, 24): 1}
    assert volumes.totals([first.counts, second.counts]) == {"created": 7, "taken": 1, "resolved": 2, "closed": 0}


def test_incidents_without_a_group_have_a_name_too() -> None:
    (line,) = volumes.by_split(
        report(["group"], [[None, 1, 0, 0, 0]]), choice("2026-11-24", "2026-11-24", split="group"), {}
    )
    assert line.label == "Sans équipe"


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (1040, 1000, "1\u202f000 auparavant, soit +4\u00a0%"),
        (50, 100, "100 auparavant, soit −50\u00a0%"),
        (5, 0, "0 auparavant"),
        (5, 5, "5 auparavant"),
    ],
)
def test_figures_are_compared_in_words(now: int, before: int, expected: str) -> None:
    assert volumes.compared(now, before) == expected
