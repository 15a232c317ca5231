"""The simulated school year has its rush, its holidays, its weeks and its hours; people write about every subject."""

import sys
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

import pytest

from deploy.simulate import rhythm, texts
from deploy.simulate.__main__ import main, stretches
from deploy.simulate.rhythm import Day
from shared.catalogue import Catalogue, parse_toml
from shared.clock import PARIS
from shared.targets.due import hours_of

CATALOGUE = Catalogue.of(parse_toml(Path("deploy/catalogue.toml").read_text(encoding="utf-8")))
HOURS = hours_of("accueil", "", CATALOGUE)
YEAR = rhythm.days(date(2025, 9, 1), 365, 100_000)


def mean(days: list[Day]) -> float:
    return sum(day.incidents for day in days) / len(days)


def between(first: date, last: date) -> list[Day]:
    return [day for day in YEAR if first <= day.date <= last and day.date.weekday() < 5]


def test_the_sum_is_exact() -> None:
    assert sum(day.incidents for day in YEAR) == 100_000
    assert [day.date for day in YEAR] == [date(2025, 9, 1) + timedelta(days=rank) for rank in range(365)]


def test_september_is_the_rush() -> None:
    assert mean(between(date(2025, 9, 1), date(2025, 9, 12))) > 1.7 * mean(
        between(date(2025, 11, 10), date(2025, 12, 12))
    )


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2025, 10, 20), date(2025, 10, 31)),
        (date(2025, 12, 22), date(2026, 1, 2)),
        (date(2026, 7, 13), date(2026, 8, 14)),
    ],
)
def test_holidays_are_quiet(first: date, last: date) -> None:
    assert mean(between(first, last)) < 0.2 * mean(between(date(2025, 11, 10), date(2025, 12, 12)))


@pytest.mark.parametrize("day", [date(2025, 11, 11), date(2026, 4, 6), date(2026, 5, 14)])
def test_on_public_holidays_nobody_asks(day: date) -> None:
    assert [one.incidents for one in YEAR if one.date == day] == [0]


def test_a_past_of_public_holidays_alone_is_refused_in_words() -> None:
    with pytest.raises(LookupError, match="from 2026-11-11 on"):
        rhythm.days(date(2026, 11, 11), 1, 10)


def test_weekends_are_quieter_than_any_working_day() -> None:
    week = rhythm.days(date(2025, 11, 17), 7, 10_000)
    assert max(day.incidents for day in week[5:]) < 0.1 * min(day.incidents for day in week[:5])


def test_people_write_by_day() -> None:
    day = Day(date(2025, 11, 18), 5000)
    instants = list(rhythm.instants(day, Random(1)))
    assert instants == sorted(instants)
    local = [instant.astimezone(PARIS) for instant in instants]
    assert {moment.date() for moment in local} == {day.date}
    hours = Counter(moment.hour for moment in local)
    assert sum(count for hour, count in hours.items() if not 7 <= hour < 19) < 0.1 * day.incidents
    assert hours[9] > 2 * hours[12]
    assert 0 < hours[3] < 20


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2025, 10, 26)])
def test_days_of_another_length_have_all_their_incidents(day: date) -> None:
    assert {instant.astimezone(PARIS).date() for instant in rhythm.instants(Day(day, 500), Random(1))} == {day}


def test_the_assistance_answers_on_its_days_only() -> None:
    friday_night, at_work = datetime(2025, 11, 7, 21, 0, tzinfo=UTC), datetime(2025, 11, 6, 9, 0, tzinfo=UTC)
    assert rhythm.at_work(at_work, HOURS, Random(1)) == at_work
    after = rhythm.at_work(friday_night, HOURS, Random(1)).astimezone(PARIS)
    assert (after.date(), after.hour in {8, 9}) == (date(2025, 11, 10), True)
    eve_of_armistice = datetime(2025, 11, 10, 20, 0, tzinfo=UTC)
    assert rhythm.at_work(eve_of_armistice, HOURS, Random(1)).astimezone(PARIS).date() == date(2025, 11, 12)


def test_mails_wait_for_the_server_on_some_days() -> None:
    """It is away from ten to ten past eleven in Paris."""
    day = next(one.date for one in YEAR if one.date.toordinal() % 37 == 0)
    nine, half_past_ten = (datetime.combine(day, at, PARIS).astimezone(UTC) for at in (time(9), time(10, 30)))
    assert rhythm.mail_server_back(nine) == nine
    assert rhythm.mail_server_back(half_past_ten) == half_past_ten + timedelta(minutes=40)
    tomorrow = half_past_ten + timedelta(days=1)
    assert rhythm.mail_server_back(tomorrow) == tomorrow


def test_stretches_cover_all_days_in_order() -> None:
    parts = list(stretches(YEAR, least=3000))
    assert [day for part in parts for day in part] == YEAR
    assert all(sum(day.incidents for day in part) >= 3000 for part in parts[:-1])


def test_there_are_words_for_every_subject() -> None:
    assert set(CATALOGUE.subjects) == texts.SUBJECTS


def test_texts_differ_and_leave_no_slot_open() -> None:
    for subject in texts.SUBJECTS:
        written = [texts.description(subject, Random(seed)) for seed in range(50)]
        assert len(set(written)) > 25
        assert not any("{" in text or "'" in text for text in written)
    for kind in ("updates", "replies", "resolutions", "cancellations", "availabilities"):
        assert len({texts.words(kind, Random(seed)) for seed in range(50)}) >= 4


@pytest.mark.parametrize("given", [("--incidents", "0"), ("--days", "-1"), ("--processes", "0"), ("--days", "x")])
def test_a_past_of_nothing_is_refused(monkeypatch: pytest.MonkeyPatch, given: tuple[str, str]) -> None:
    monkeypatch.setattr(sys, "argv", ["simulate", "--incidents", "1", "--days", "1", *given])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
