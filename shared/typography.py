"""French typography: spaces that do not break, and apostrophes, in words that we wrote or the catalogue holds."""

import re
from typing import Final

NBSP: Final = "\u00a0"
THIN: Final = "\u202f"

_BEFORE_HIGH: Final = re.compile(r"[ \u00a0\u202f]+([;!?])")
_BEFORE_COLON: Final = re.compile(r"[ \u202f]+:")
_INSIDE_QUOTES: Final = re.compile(r"«[ \u00a0\u202f]*|[ \u00a0\u202f]*»")
_APOSTROPHE: Final = re.compile(r"(?<=\w)'(?=\w)")


def french(text: str) -> str:
    """Put them right; never in what a person typed."""
    text = _BEFORE_HIGH.sub(THIN + r"\1", text)
    text = _BEFORE_COLON.sub(NBSP + ":", text)
    text = _INSIDE_QUOTES.sub(lambda quote: f"«{NBSP}" if "«" in quote[0] else f"{NBSP}»", text)
    text = text.replace(" n° ", f" n°{NBSP}")
    return _APOSTROPHE.sub("’", text)
