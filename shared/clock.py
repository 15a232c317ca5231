"""The one place that reads the time; everything else is given an instant."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


def paris_date(instant: datetime) -> date:
    """The day that an instant belongs to for people, reports and incident numbers."""
    return instant.astimezone(PARIS).date()
