"""What came in an address, put into another one."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from services.portal.upstream.http import Problem, Refused

_SEGMENT: Final = re.compile(r"(?!\.+$)[\w .-]{1,64}")


def segment(text: str) -> str:
    """What came in an address, as one segment of another address.

    Raises:
        Refused: 404, for what cannot name anything.
    """
    if not _SEGMENT.fullmatch(text):
        raise Refused(Problem(status=404))
    return quote(text, safe="")
