"""Codes of the catalogue: they stand in addresses, in names of queues and in events, for ever."""

from __future__ import annotations

import re
from typing import Final

_CODE: Final = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_LONGEST: Final = 60


def code_fault(text: str) -> str | None:
    """What makes a text unfit to be a code, as a French sentence; None for a fit one."""
    if _CODE.fullmatch(text) and len(text) <= _LONGEST:
        return None
    words = "des lettres minuscules sans accent et des chiffres, avec des points ou des tirets entre eux"
    return f"Un code a {_LONGEST} caractères au plus\u00a0: {words}."
