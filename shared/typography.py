"""Labels as French typography wants them, whatever the file they were typed into says."""

from typing import Final

_RIGHT: Final = (("'", "’"), (" :", "\u00a0:"), (" ;", "\u202f;"), (" !", "\u202f!"), (" ?", "\u202f?"))


def french(text: str) -> str:
    """The text with typographic apostrophes, and spaces that do not break before double punctuation."""
    for plain, right in _RIGHT:
        text = text.replace(plain, right)
    return text
