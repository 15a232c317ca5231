"""Working minutes as people type and read them: hours and minutes."""

from __future__ import annotations

from typing import Final

from services.portal.drafts.forms import whole_number
from services.portal.look.typography import NBSP, thousands

_HOUR: Final = 60


def shown(minutes: int) -> str:
    """`8 h`, `1 h 30`, `45 min`."""
    hours, rest = divmod(minutes, _HOUR)
    if not hours:
        return f"{rest}{NBSP}min"
    return f"{thousands(hours)}{NBSP}h{NBSP}{rest:02}" if rest else f"{thousands(hours)}{NBSP}h"


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
