"""What a manager asks of a report is read with patience, and goes back into an address as it was."""

from datetime import date, datetime
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from services.portal.reports.asking import second
from services.portal.reports.choice import Choice, read_choice, suited
from services.portal.reports.periods import Period
from shared.clock import PARIS
from shared.wire.reports import Column, ReportItem

TODAY = date(2026, 11, 24)
ITEM = ReportItem(
    name="volumes",
    title="Volumes",
    about="",
    by=["day", "week", "month", "year", "school-year", "subject", "group", "urgency"],
    columns=[Column(name="created", label="Créés", unit="count")],
    filters=["subject", "group", "urgency"],
)


def read(by: str = "", **given: str) -> Choice:
    return read_choice(ITEM, {name.replace("_", "-"): value for name, value in given.items()}, [by], TODAY)


def days(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


MONTH = {"from": "2026-11-01", "to": "2026-11-10"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("30-days", days("2026-10-26", "2026-11-24"))),
        ({"period": "school-year"}, ("school-year", days("2026-09-01", "2026-11-24"))),
        ({"period": "never"}, ("30-days", days("2026-10-26", "2026-11-24"))),
        (MONTH, ("", days("2026-11-01", "2026-11-10"))),
        ({"from": "2026-11-10", "to": "2026-11-01"}, ("", days("2026-11-01", "2026-11-10"))),
        ({"from": "2026-11-10"}, ("", days("2026-11-10", "2026-11-24"))),
        ({"to": "2026-11-10"}, ("", days("2026-10-12", "2026-11-10"))),
        ({"from": "demain", "to": "32/13/2026"}, ("30-days", days("2026-10-26", "2026-11-24"))),
        ({"from": "0001-01-01", "to": "9999-12-31"}, ("30-days", days("2026-10-26", "2026-11-24"))),
        ({"from": "2001-01-01", "to": "2026-11-24"}, ("", days("2016-11-16", "2026-11-24"))),
    ],
)
def test_a_period_is_a_name_or_dates_and_nonsense_is_neither(
    given: dict[str, str], expected: tuple[str, Period]
) -> None:
    choice = read(**given)
    assert (choice.named, choice.period) == expected


def test_dates_beside_a_name_hold_where_somebody_changed_them() -> None:
    shown = {"period": "month", "from": "2026-11-01", "to": "2026-11-24"}
    assert read(**shown).named == "month"
    assert read(**shown | {"to": "2026-11-10"}).period == days(*MONTH.values())


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("", ("day", "subject")),
        ("week,group", ("week", "group")),
        ("group", ("day", "group")),
        ("lune,hour", ("day", "subject")),
        ("urgency,subject,month,day", ("month", "urgency")),
    ],
)
def test_the_first_unit_and_the_first_split_hold(by: str, expected: tuple[str, str]) -> None:
    choice = read(by)
    assert (choice.unit, choice.split) == expected


@pytest.mark.parametrize(("length", "unit"), [(1, "day"), (45, "day"), (46, "week"), (190, "week"), (191, "month")])
def test_without_a_unit_a_period_is_cut_as_suits_it(length: int, unit: str) -> None:
    assert suited(Period(date.fromordinal(1000), date.fromordinal(1000 + length - 1))) == unit


def test_a_report_is_narrowed_by_what_it_knows_alone() -> None:
    assert read(subject="a", colour="red", origin="mail").filters == {"subject": "a"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-06T10:49", datetime(2026, 11, 6, 10, 49, tzinfo=PARIS)),
        ("2026-11-06T10:49:30+01:00", datetime(2026, 11, 6, 10, 49, tzinfo=PARIS)),
        ("hier", None),
        ("", None),
    ],
)
def test_an_instant_is_read_by_the_clock_of_paris(text: str, expected: datetime | None) -> None:
    assert read(at=text).at == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, days("2026-10-22", "2026-10-31")),
        ({"compare": "previous"}, days("2026-10-22", "2026-10-31")),
        ({"compare": "year"}, days("2025-11-01", "2025-11-10")),
        ({"compare": "dates"}, days("2026-10-22", "2026-10-31")),
        (
            {"compare": "dates", "versus-from": "2026-05-01", "versus-to": "2026-05-02"},
            days("2026-05-01", "2026-05-02"),
        ),
        ({"compare": "never"}, days("2026-10-22", "2026-10-31")),
    ],
)
def test_a_period_is_compared_with_what_was_asked(given: dict[str, str], expected: Period) -> None:
    assert read(**MONTH, **given).compared() == expected


@pytest.mark.parametrize(
    ("name", "comparison", "expected"),
    [
        ("7-days", "", days("2026-11-11", "2026-11-17")),
        ("month", "", days("2026-10-01", "2026-10-24")),
        ("last-month", "previous", days("2026-09-01", "2026-09-30")),
        ("school-year", "", days("2025-09-01", "2025-11-24")),
        ("school-year", "previous", days("2026-06-08", "2026-08-31")),
        ("last-school-year", "", days("2024-09-01", "2025-08-31")),
        ("last-school-year", "dates", days("2024-09-01", "2025-08-31")),
        ("year", "", days("2025-01-01", "2025-11-24")),
    ],
)
def test_months_stand_beside_months_and_years_beside_years(name: str, comparison: str, expected: Period) -> None:
    choice = read(period=name, compare=comparison)
    assert (choice.compared(), choice.is_beside_year) == (expected, "year" in name and comparison != "previous")


@pytest.mark.parametrize(
    ("by", "given", "expected"),
    [
        ("subject", {}, "urgency"),
        ("urgency", {}, "group"),
        ("subject", {"urgency": "high"}, "group"),
        ("subject", {"urgency": "high", "group": "reseau"}, ""),
    ],
)
def test_beside_stands_what_is_neither_asked_nor_narrowed_to(by: str, given: dict[str, str], expected: str) -> None:
    assert second(ITEM, read(by, **given)) == expected


def test_other_dates_that_nobody_gave_are_no_comparison() -> None:
    assert read(**MONTH, compare="dates").comparison == ""


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"period": "last-month", "subject": "a", "at": "2026-11-06T10:49"},
        {**MONTH, "compare": "dates", "versus-from": "2026-05-01", "versus-to": "2026-05-02", "urgency": "high"},
    ],
)
def test_an_address_shows_the_same_again(given: dict[str, str]) -> None:
    choice = read("week,group", **given)
    parts = urlsplit(choice.address("csv"))
    assert parts.path == "/rapports/volumes/csv"
    asked = dict(parse_qsl(parts.query))
    assert read_choice(ITEM, asked, parse_qs(parts.query)["by"], TODAY) == choice


def test_another_period_keeps_all_else() -> None:
    address = read("week,group", **MONTH, subject="a").during("year")
    assert dict(parse_qsl(urlsplit(address).query)) == {"period": "year", "by": "week,group", "subject": "a"}


def test_a_figure_leads_to_what_makes_it() -> None:
    choice = read(**MONTH, subject="a", at="2026-11-06T10:49")
    asked = dict(parse_qsl(urlsplit(choice.detail("created", cells={"day": "2026-11-06"})).query))
    assert asked == MONTH | {
        "subject": "a",
        "at": "2026-11-06T10:49:00+01:00",
        "by": "day",
        "column": "created",
        "cell.day": "2026-11-06",
    }


def test_what_has_no_group_leads_to_its_own_detail() -> None:
    assert read(**MONTH).detail("created", cells={"group": ""}).endswith("by=group&column=created&cell.group=")
