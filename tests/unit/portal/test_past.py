"""The instant that a day and an hour mean, and the address of a queue then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from services.portal.queues.past import address, read_instant
from services.portal.queues.view import View

NOW = datetime(2018, 11, 6, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hour", "instant"),
    [
        ("", "", NOW),
        ("", "08:00", NOW),
        ("2018-11-06", "12:00", NOW),
        ("2018-11-06", "", datetime(2018, 11, 5, 23, tzinfo=UTC)),
        ("2018-07-14", "08:30", datetime(2018, 7, 14, 6, 30, tzinfo=UTC)),
        ("2018-11-06", "12:01", None),
        ("2019-01-01", "08:00", None),
        ("2018-02-30", "08:00", None),
        ("2018-11-06", "25:00", None),
        ("2018-11-06", "08:00+05:00", datetime(2018, 11, 6, 7, tzinfo=UTC)),
        ("hier", "08:00", None),
        ("0001-01-01", "00:00", datetime(1970, 1, 2, tzinfo=UTC)),
        ("2018-10-28", "02:30", datetime(2018, 10, 28, 0, 30, tzinfo=UTC)),
        ("2018-10-28", "02:30+01:00", datetime(2018, 10, 28, 1, 30, tzinfo=UTC)),
        ("2018-03-25", "02:30", datetime(2018, 3, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_day_and_an_hour_are_those_of_paris(day: str, hour: str, instant: datetime | None) -> None:
    assert read_instant(day, hour, NOW) == instant


def test_an_address_leads_to_the_minute() -> None:
    assert address(View(group="messagerie"), NOW) == "/files/messagerie/alors?jour=2018-11-06&heure=12%3A00"
    assert address(View(), NOW, suite="x").endswith("&suite=x")
    assert "&urgency=high&suite=x" in address(View(urgency="high"), NOW, suite="x")


@pytest.mark.parametrize("midnight", [datetime(2018, 3, 24, 23, tzinfo=UTC), datetime(2018, 10, 27, 22, tzinfo=UTC)])
def test_hour_by_hour_no_change_of_the_clocks_holds_anybody_up(midnight: datetime) -> None:
    for step in range(60):
        instant = midnight + step * timedelta(minutes=10, seconds=1)
        given = dict(parse_qsl(urlsplit(address(View(group="messagerie"), instant)).query))
        assert read_instant(given["jour"], given["heure"], NOW) == instant
