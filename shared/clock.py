"""The one place that reads the time; everything else is given an instant."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_AGE: Final = re.compile(r"([0-9]{1,5})([dy]?)")
_DAYS_OF_A_YEAR: Final = 365.25
_LEAST_AGE: Final = timedelta(days=30)


def now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


def paris_date(instant: datetime) -> date:
    """The day that an instant belongs to for people, reports and incident numbers."""
    return instant.astimezone(PARIS).date()


def read_age(text: str) -> timedelta:
    """How long ago something must be to be forgotten: `1826` or `1826d` days, `5y` years.

    Raises:
        ValueError: the text is none of these, or less than thirty days, which nobody can mean.
    """
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise ValueError("it must be a number of days or years, such as 1826d or 5y")
    age = timedelta(days=int(int(found[1]) * (_DAYS_OF_A_YEAR if found[2] == "y" else 1)))
    if age < _LEAST_AGE:
        raise ValueError(f"it must be {_LEAST_AGE.days} days or more")
    return age
