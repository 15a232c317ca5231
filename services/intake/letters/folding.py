"""What is new in an answer: the text without what a mail program quotes below, above or between it.

Line by line, so that a long mail takes no longer than it has lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from shared.mail import ABOVE

_QUOTED: Final = re.compile(r"\s*>")
#: « Le mar. 6 nov. 2018 à 10:49, CeCoIA a écrit : », on one line or broken into several.
_WROTE: Final = re.compile(r"\s*(Le|On)\b.*\b(a écrit|wrote)\s*:\s*", re.IGNORECASE)
_BEGINS: Final = re.compile(r"\s*(Le|On)\b", re.IGNORECASE)
_WROTE_LINES: Final = 3
#: The head that Outlook puts above what it quotes: « De : » and, just below, « Envoyé : » or the like.
_FROM: Final = re.compile(r"\s*\*?(De|From)\s?\*?\s?:", re.IGNORECASE)
_SENT: Final = re.compile(r"\s*\*?(Envoyé|Date|À|Sent|To)\s?(le)?\*?\s?:", re.IGNORECASE)
_HEAD_LINES: Final = 3
_RULE: Final = re.compile(
    r"\s*(-{2,}\s*(Message d.origine|Original Message|Message transféré)\s*-{2,}|_{20,})\s*", re.IGNORECASE
)
_SIGNATURE: Final = re.compile(
    r"--\s?|(Envoyé|Sent) (de(puis)?|from) (mon|my) .{1,60}|Télécharge[rz] Outlook pour .{1,60}"
)
_LONGEST_LINE: Final = 1000


def fold(text: str) -> str:
    """What is new in an answer; the whole text where nothing else would be left.

    Args:
        text: with plain line ends.
    """
    lines = text.split("\n")
    kept: list[str] = []
    at = 0
    while at < len(lines) and not _ends(lines, at):
        if introduced := _introduction(lines, at):
            at += introduced
        elif _QUOTED.match(lines[at]):
            at += 1
        else:
            kept.append(lines[at])
            at += 1
    return "\n".join(kept).strip() or text


def _ends(lines: Sequence[str], at: int) -> bool:
    """Whether all is quoted, or a signature, from a line on."""
    line = lines[at]
    if ABOVE in line or _RULE.fullmatch(line[:_LONGEST_LINE]) or _SIGNATURE.fullmatch(line.rstrip("\r")):
        return True
    if _FROM.match(line):
        return any(_SENT.match(below) for below in lines[at + 1 : at + 1 + _HEAD_LINES])
    introduced = _introduction(lines, at)
    return introduced > 0 and not _is_quoted(lines, at + introduced)


def _introduction(lines: Sequence[str], at: int) -> int:
    """How many lines, from this one on, say who wrote what follows; 0 where they do not."""
    if not _BEGINS.match(lines[at]):
        return 0
    for count in range(1, _WROTE_LINES + 1):
        together = " ".join(lines[at : at + count])
        if len(together) > _LONGEST_LINE:
            return 0
        if _WROTE.fullmatch(together):
            return count
    return 0


def _is_quoted(lines: Sequence[str], at: int) -> bool:
    """Whether the next line that is not empty is marked as quoted: then something new may come after it."""
    following = next((line for line in lines[at:] if line.strip()), "")
    return _QUOTED.match(following) is not None
