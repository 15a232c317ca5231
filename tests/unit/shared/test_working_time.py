"""Working time against a counter that is slow and obviously right: it looks at the wall clock of every minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.clock import PARIS
from shared.events.catalogue import CalendarDefined, Week
from shared.working_time import BadCalendarError, WorkingTime

MINUTE = timedelta(minutes=1)
#: Easter is on 5 April 2026; clocks change on 29 March and 25 October 2026.
YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def calendar(week: Week, *, closed: tuple[str, ...] = (), holidays: str | None = None) -> CalendarDefined:
    return CalendarDefined(
        calendar="c", label="C", timezone="Europe/Paris", open=week, holidays=holidays, closed=closed
    )


OFFICE = calendar(
    Week(mon=("08:00-18:00",), tue=("08:00-18:00",), wed=("08:00-12:00",), thu=("08:00-18:00",), fri=("08:00-17:00",)),
    holidays="FR",
)


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def is_open(hours: CalendarDefined, at: datetime) -> bool:
    """Whether a minute is worked: read off the wall clock and the plain texts of the calendar."""
    clock = at.astimezone(ZoneInfo(hours.timezone))
    if f"{clock:%m-%d}" in hours.closed or f"{clock:%Y-%m-%d}" in hours.closed:
        return False
    spans = [text.split("-") for text in hours.open.on(clock.weekday())]
    return any(start <= f"{clock:%H:%M}" < end for start, end in spans)


#: Every five minutes of a day, as its wall clock says it.
CLOCK = [f"{five // 12:02}:{five % 12 * 5:02}" for five in range(24 * 12 + 1)]
openings = st.integers(0, 24 * 12 - 1).flatmap(
    lambda start: st.integers(start + 1, 24 * 12).map(lambda end: f"{CLOCK[start]}-{CLOCK[end]}")
)
days = st.lists(openings, max_size=3).map(tuple)
weeks = st.fixed_dictionaries(dict.fromkeys(Week.__struct_fields__, days)).map(lambda week: Week(**week))
#: Some days of which each has its Easter Monday, changed clocks, or end of a month.
closures = st.lists(st.sampled_from(["03-29", "04-06", "10-25", "10-26", "2026-03-30", "2027-03-28"]), max_size=4)
calendars = st.builds(lambda week, closed: calendar(week, closed=tuple(closed)), weeks, closures)
#: Within a few days of both changes of clocks, and of the end of a year.
starts = st.tuples(st.sampled_from([85, 295, 362]), st.integers(0, 5 * 24 * 60)).map(
    lambda at: YEAR + timedelta(days=at[0]) + at[1] * MINUTE
)


@settings(deadline=None)
@given(calendars, starts, st.integers(0, 2 * 24 * 60))
def test_counts_as_the_slow_counter_does(hours: CalendarDefined, start: datetime, length: int) -> None:
    worked = [at for n in range(length) if is_open(hours, at := start + n * MINUTE)]
    assert WorkingTime(hours).between(start, start + length * MINUTE) == len(worked) * MINUTE
    if worked:
        assert WorkingTime(hours).after(start, len(worked) * MINUTE) == worked[-1] + MINUTE


@settings(deadline=None)
@given(calendars, starts, st.timedeltas(timedelta(), timedelta(days=9)), st.floats(0, 1))
def test_nothing_is_lost_between_two_counts(
    hours: CalendarDefined, start: datetime, length: timedelta, part: float
) -> None:
    time, middle, end = WorkingTime(hours), start + length * part, start + length
    assert time.between(start, middle) + time.between(middle, end) == time.between(start, end)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-24T16:30", 90, "2026-11-24T18:00"),  # at closing time, not at the next opening
        ("2026-11-24T16:30", 91, "2026-11-25T08:01"),
        ("2026-11-25T11:00", 120, "2026-11-26T09:00"),  # no work on Wednesday afternoon
        ("2026-11-27T16:00", 120, "2026-11-30T09:00"),  # over a week-end
        ("2026-04-03T16:30", 60, "2026-04-07T08:30"),  # over Easter Monday
        ("2026-05-13T11:30", 60, "2026-05-15T08:30"),  # over Ascension Day
        ("2026-11-21T10:00", 0, "2026-11-21T10:00"),
    ],
)
def test_targets_of_an_office(start: str, minutes: int, due: str) -> None:
    assert WorkingTime(OFFICE).after(paris(start), minutes * MINUTE) == paris(due)


def test_an_hour_that_is_skipped_is_not_worked_and_one_that_comes_twice_is_worked_twice() -> None:
    nights = WorkingTime(calendar(Week(sun=("00:00-04:00",))))
    assert nights.between(paris("2026-03-29T00:00"), paris("2026-03-29T12:00")) == timedelta(hours=3)
    assert nights.between(paris("2026-10-25T00:00"), paris("2026-10-25T12:00")) == timedelta(hours=5)


@pytest.mark.parametrize(
    "hours",
    [
        calendar(Week()),
        calendar(Week(mon=("08:00-12:00",)), closed=("2020-01-01/2050-01-01",)),
    ],
)
def test_a_calendar_that_never_opens_has_no_due_time(hours: CalendarDefined) -> None:
    assert WorkingTime(hours).after(YEAR, MINUTE) is None
    assert WorkingTime(hours).days_after(YEAR, 1) is None
    assert WorkingTime(hours).between(YEAR, YEAR + timedelta(days=50)) == timedelta()


def test_hours_too_few_to_be_counted_end_at_the_horizon() -> None:
    assert WorkingTime(calendar(Week(mon=("08:00-08:01",)))).after(YEAR, timedelta(days=1)) is None


def test_working_days_begin_with_the_next_one() -> None:
    time = WorkingTime(OFFICE)
    assert time.days_after(paris("2026-11-24T09:00"), 1) == paris("2026-11-25T12:00")
    assert time.days_after(paris("2026-11-24T09:00"), 5) == paris("2026-12-01T18:00")
    assert time.days_after(paris("2026-04-03T09:00"), 1) == paris("2026-04-07T18:00")


@pytest.mark.parametrize(
    ("closed", "day", "why"),
    [
        (("12-24",), date(2031, 12, 24), "fermeture"),
        (("12-24",), date(2031, 12, 23), None),
        (("2026-12-24",), date(2027, 12, 24), None),
        (("2026-12-21/2027-01-03",), date(2027, 1, 3), "fermeture"),
        (("easter+2",), date(2026, 4, 7), "fermeture"),
        (("easter-2",), date(2026, 4, 3), "fermeture"),
        (("easter+49",), date(2026, 5, 23), None),
        ((), date(2026, 4, 6), "Lundi de Pâques"),
        ((), date(2026, 12, 26), None),
    ],
)
def test_says_why_a_day_is_closed(closed: tuple[str, ...], day: date, why: str | None) -> None:
    assert WorkingTime(calendar(OFFICE.open, closed=closed, holidays="FR")).why_closed(day) == why


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    assert WorkingTime(calendar(Week(), holidays="FR-57")).why_closed(date(2026, 12, 26)) == "Saint-Étienne"


def test_a_calendar_that_cannot_be_is_refused() -> None:
    with pytest.raises(BadCalendarError, match="FR-99"):
        WorkingTime(calendar(Week(), holidays="FR-99"))
