"""What comes in faster than usual: more than chance explains, against days that were open."""

from collections.abc import Iterable
from datetime import date, timedelta
from math import exp, lgamma, log

import pytest

from services.query.reports.today import RARE, is_rush, rushes
from shared.catalogue import Catalogue
from shared.events.catalogue import CalendarDefined, GroupDefined, SubjectDefined, Week
from shared.events.vocabulary import Kind, Urgency

TODAY = date(2026, 11, 24)
MINUTES = dict.fromkeys(Urgency, 60)


def known(*closed: str) -> Catalogue:
    hours = Week(**dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("08:00-18:00",)))
    return Catalogue.of(
        [
            CalendarDefined(calendar="a", label="A", timezone="Europe/Paris", open=hours, holidays="FR", closed=closed),
            GroupDefined(group="g", label="G", mail="g@cecoia.example", calendar="a"),
            SubjectDefined(subject="s", label="Wifi", kind=Kind.INCIDENT, group="g", take=MINUTES, resolve=MINUTES),
        ]
    )


def weeks(*counts: int, subject: str = "s") -> dict[tuple[date, str], int]:
    """Today's count, then those of the weeks before."""
    return {(TODAY - timedelta(weeks=n), subject): count for n, count in enumerate(counts) if count}


def poisson(rate: float, counts: Iterable[int]) -> list[float]:
    """How likely each of these counts is where incidents come by chance, at this rate."""
    return [exp(count * log(rate) - rate - lgamma(count + 1)) for count in counts]


@pytest.mark.parametrize(
    ("created", "before", "days", "expected"),
    [
        (2, 0, 8, False),
        (3, 0, 8, False),
        (4, 0, 8, True),
        (4, 8, 8, False),
        (6, 8, 8, False),
        (7, 8, 8, True),
        (135, 800, 8, False),
        (136, 800, 8, True),
        (4, 1, 1, False),
        (12, 1, 1, False),
        (13, 1, 1, True),
        (90000, 8, 8, True),
        (9000, 72000, 8, False),
    ],
)
def test_chance_explains_all_but_what_is_rare_and_the_more_the_fewer_days_are_known(
    created: int, before: int, days: int, expected: bool
) -> None:
    assert is_rush(created, before, days) is expected


@pytest.mark.parametrize("rate", [0.1, 0.3, 1, 2, 5, 20])
@pytest.mark.parametrize("days", [1, 2, 8])
def test_a_usual_day_is_rarely_taken_for_a_rush(rate: float, days: int) -> None:
    counts = range(200 + 20 * days)
    today, before = poisson(rate, counts), poisson(rate * days, counts)
    false = sum(
        one * other
        for created, one in zip(counts, today, strict=True)
        for all_before, other in zip(counts, before, strict=True)
        if one * other > 1e-9 and is_rush(created, all_before, days)
    )
    assert false <= RARE


def test_today_stands_against_the_last_eight_days_of_its_weekday() -> None:
    (rush,) = rushes(weeks(10, 1, 1, 1, 1, 1, 1, 1, 1, 500), TODAY, known())
    assert (rush.label, rush.created, rush.usual, rush.days) == ("Wifi", 10, 1.0, 8)


def test_days_on_which_the_group_was_closed_do_not_count() -> None:
    counts = weeks(20, 0, 0, 0, 4, 4, 4, 4, 4, 4, 4, 4)
    assert [rush.usual for rush in rushes(counts, TODAY, known())] == [2.5]
    (rush,) = rushes(counts, TODAY, known("2026-11-01/2026-11-18"))
    assert (rush.usual, rush.days) == (4.0, 8)


def test_a_public_holiday_does_not_count_either() -> None:
    counts = {(date(2026, 11, 18), "s"): 9, (date(2026, 11, 4), "s"): 9}
    quiet = {(date(2026, 11, 18) - timedelta(weeks=n), "s"): 9 for n in range(2, 9)} | counts
    (rush,) = rushes({**quiet, (date(2026, 11, 25), "s"): 90}, date(2026, 11, 25), known())
    assert rush.usual == 9  # 11 November was a Wednesday


def test_without_a_day_to_compare_with_nothing_is_said() -> None:
    assert rushes(weeks(90), TODAY, known("2026-01-01/2026-11-23")) == []


def test_the_greatest_rush_comes_first_and_a_subject_that_nobody_defined_counts_too() -> None:
    found = rushes(weeks(5) | weeks(50, subject="old"), TODAY, known())
    assert [(rush.label, rush.created) for rush in found] == [("old", 50), ("Wifi", 5)]
