"""Periods and the moments they are cut into: none left out, each by the name that reports give it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.reports import periods
from services.portal.reports.periods import Period

TODAY = date(2026, 11, 24)
DAYS = st.dates(min_value=date(2001, 1, 1), max_value=date(2090, 1, 1))


def days(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("7-days", days("2026-11-18", "2026-11-24")),
        ("30-days", days("2026-10-26", "2026-11-24")),
        ("month", days("2026-11-01", "2026-11-24")),
        ("last-month", days("2026-10-01", "2026-10-31")),
        ("school-year", days("2026-09-01", "2026-11-24")),
        ("last-school-year", days("2025-09-01", "2026-08-31")),
        ("year", days("2026-01-01", "2026-11-24")),
    ],
)
def test_a_name_stands_for_days(name: str, expected: Period) -> None:
    assert periods.named(name, TODAY) == expected
    assert set(periods.NAMED) >= {name}


@pytest.mark.parametrize(
    ("today", "first"), [("2026-08-31", "2025-09-01"), ("2026-09-01", "2026-09-01"), ("2027-01-05", "2026-09-01")]
)
def test_a_school_year_begins_in_september(today: str, first: str) -> None:
    assert periods.school_year(date.fromisoformat(today)).start == date.fromisoformat(first)


@given(DAYS, st.integers(min_value=1, max_value=800))
def test_the_period_before_has_the_same_length_and_touches_it(start: date, length: int) -> None:
    period = Period(start, start + timedelta(length - 1))
    before = period.before()
    assert before.length == period.length == length
    assert before.end + timedelta(1) == period.start


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (days("2026-11-01", "2026-11-24"), days("2026-10-01", "2026-10-24")),
        (days("2026-10-01", "2026-10-31"), days("2026-09-01", "2026-09-30")),
        (days("2026-11-01", "2026-11-30"), days("2026-10-01", "2026-10-31")),
        (days("2027-01-01", "2027-01-01"), days("2026-12-01", "2026-12-01")),
        (days("2027-03-01", "2027-03-30"), days("2027-02-01", "2027-02-28")),
    ],
)
def test_a_month_before_has_the_same_days_and_is_whole_where_this_one_is(period: Period, expected: Period) -> None:
    assert period.month_before() == expected


def test_a_year_before_29_february_is_the_28th() -> None:
    assert days("2028-02-29", "2028-03-01").year_before() == days("2027-02-28", "2027-03-01")


@given(DAYS, st.integers(min_value=1, max_value=800), st.sampled_from(sorted(periods.UNITS)))
def test_every_day_of_a_period_lies_in_one_of_its_moments(start: date, length: int, unit: str) -> None:
    period = Period(start, start + timedelta(length - 1))
    found = list(periods.moments(period, unit))
    assert found == sorted(set(found))
    assert {periods.floor(start + timedelta(n), unit) for n in range(length)} == set(found)


@pytest.mark.parametrize(
    ("unit", "moment", "code", "word"),
    [
        ("day", "2026-11-24", "2026-11-24", "24/11"),
        ("week", "2026-12-28", "2026-W53", "28/12"),
        ("month", "2026-11-01", "2026-11", "nov.\u00a02026"),
        ("year", "2026-01-01", "2026", "2026"),
        ("school-year", "2026-09-01", "2026-2027", "2026-2027"),
    ],
)
def test_a_moment_is_written_as_reports_and_as_people_write_it(unit: str, moment: str, code: str, word: str) -> None:
    one = date.fromisoformat(moment)
    assert periods.floor(one, unit) == one
    assert (periods.code(one, unit), periods.words(Period(one, one), unit)(one)) == (code, word)


@pytest.mark.parametrize(
    ("period", "unit", "expected"),
    [
        (days("2025-11-25", "2026-11-25"), "day", "25/11/2025"),
        (days("2026-01-01", "2026-01-20"), "week", "29/12/2025"),
        (days("2026-01-01", "2026-01-20"), "day", "01/01"),
    ],
)
def test_a_day_has_its_year_where_there_are_several(period: Period, unit: str, expected: str) -> None:
    assert periods.words(period, unit)(next(periods.moments(period, unit))) == expected


@pytest.mark.parametrize(
    ("period", "words", "against"),
    [
        (
            days("2026-10-26", "2026-11-24"),
            "Du 26\u00a0octobre au 24\u00a0novembre\u00a02026",
            "par rapport à la période du 26\u00a0octobre au 24\u00a0novembre\u00a02026",
        ),
        (
            days("2025-12-01", "2026-01-31"),
            "Du 1er\u00a0décembre\u00a02025 au 31\u00a0janvier\u00a02026",
            "par rapport à la période du 1er\u00a0décembre\u00a02025 au 31\u00a0janvier\u00a02026",
        ),
        (
            days("2026-11-01", "2026-11-24"),
            "Du 1er au 24\u00a0novembre\u00a02026",
            "par rapport à la période du 1er au 24\u00a0novembre\u00a02026",
        ),
        (
            days("2026-11-24", "2026-11-24"),
            "Le 24\u00a0novembre\u00a02026",
            "par rapport au 24\u00a0novembre\u00a02026",
        ),
    ],
)
def test_a_period_is_said_in_french(period: Period, words: str, against: str) -> None:
    assert (period.words(), period.against()) == (words, against)
