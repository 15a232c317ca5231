"""Working minutes as people type them: hours and minutes."""

from __future__ import annotations

from typing import Final

from services.portal.drafts.forms import whole_number

_HOUR: Final = 60


def split(minutes: int) -> tuple[str, str]:
    """What stands in the two fields of a form; minutes are left empty where there are none."""
    hours, rest = divmod(minutes, _HOUR)
    return str(hours), str(rest) if rest else ""


def read(hours: str, minutes: str) -> int | str | None:
    """The minutes that the two fields say; None where both are empty.

    What is no number is passed on as it was typed, for intake to say so.
    """
    hours, minutes = hours.strip(), minutes.strip()
    if not hours and not minutes:
        return None
    whole, rest = whole_number(hours or "0"), whole_number(minutes or "0")
    return f"{hours} h {minutes}" if whole is None or rest is None else whole * _HOUR + rest
