"""What the mail server in front of us is told: a line of SMTP for everything that can become of a mail."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from services.intake.incident.deciding import Refusal
from services.intake.letters.reading import UnreadableError
from services.intake.post.rules import Refused
from shared.documents import StoreFullError
from shared.http.problems import Problem

TAKEN: Final = "250 2.0.0 Message pris"
LATER: Final = "451 4.3.0 Le message ne peut pas être pris pour le moment"
TOO_MANY: Final = "451 4.7.1 Trop de messages en peu de temps"
FULL: Final = "452 4.3.1 La place manque pour le moment"
TOO_LARGE: Final = "552 5.3.4 Ce message est trop volumineux"
UNKNOWN: Final = "550 5.1.1 Cette adresse n’existe pas ici"
UNREADABLE: Final = "554 5.6.0 Ce message ne peut pas être lu"

#: What is said to problems that pass, by their status.
_PASSING: Final = {429: TOO_MANY, 503: LATER}
_OTHERS: Final[dict[type[BaseException], str]] = {StoreFullError: FULL, UnreadableError: UNREADABLE}
#: Octets of a reply, its end not counted (RFC 5321, 4.5.3.1.5).
_LONGEST: Final = 510
_ASCII: Final = str.maketrans({"’": "'", "«": '"', "»": '"', "–": "-", "…": "...", "°": "o", "œ": "oe", "Œ": "OE"})
_UNSAID: Final = re.compile(r"[^\x20-\x7e]+")


def reply_to(error: BaseException) -> str | None:
    """What to say where a mail was not taken; None where it was our fault, or something was away."""
    match error:
        case Refused(code=code, sentence=sentence):
            return f"{code} {sentence}"
        case Refusal(sentence=sentence):
            return f"550 5.7.0 {sentence}"
        case Problem(status=status, detail=detail):
            return _PASSING.get(status) or f"550 5.6.0 {detail}"
        case _:
            return _OTHERS.get(type(error))


def line(reply: str) -> str:
    """A reply as SMTP carries it: one line of ASCII, French without its accents.

    Only who announced SMTPUTF8 could read more, and hardly any server passes a reply on to people in it.
    """
    plain = unicodedata.normalize("NFKD", reply.translate(_ASCII)).encode("ascii", "ignore").decode()
    return _UNSAID.sub(" ", plain)[:_LONGEST]
