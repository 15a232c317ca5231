"""What a mail is about: the subject of the catalogue whose words it uses, if there is one that stands out."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Final

from shared.catalogue import Catalogue
from shared.routing import FALLBACK

_JOINED: Final = re.compile(r"(?<=\w)[-‐‑](?=\w)")
_WORD: Final = re.compile(r"[a-z0-9]{3,}")
#: Words that say nothing about what a mail is about, in labels or anywhere.
_EMPTY: Final = frozenset(
    {
        "les", "des", "une", "pour", "par", "sur", "avec", "dans", "plus", "pas", "est", "sont", "mon", "mes", "vos",
        "votre", "notre", "nous", "vous", "autre", "demande", "courriel", "mail", "application", "applications",
        "acces", "probleme", "impossible",
    }
)  # fmt: skip
#: How far down a text is read, in characters; a word there counts half of one in the subject line.
_READ: Final = 500
_IN_TEXT: Final = 0.5
#: A word that no other label has, in the subject line, or two in the text.
_ENOUGH: Final = 1.0


def guess(catalogue: Catalogue, line: str, text: str) -> str:
    """The subject that a mail is about, or the one for everything else.

    A word counts the more, the fewer labels have it; the subject that stands out is the one with the highest sum.

    Args:
        catalogue: the subjects that can be chosen.
        line: the mail's subject.
        text: what it says.

    Raises:
        LookupError: no subject can be chosen.
    """
    choices = catalogue.choices()
    if not choices:
        raise LookupError("the catalogue is empty")
    labels = {choice.subject: words(choice.label) for choice in choices if choice.subject != FALLBACK}
    frequency = Counter(word for label in labels.values() for word in label)
    said = dict.fromkeys(words(text[:_READ]), _IN_TEXT) | dict.fromkeys(words(line), 1.0)
    scores = {code: _score(label, said, frequency) for code, label in labels.items()}
    best = max(scores.values(), default=0.0)
    leaders = [code for code, score in scores.items() if score == best]
    if best >= _ENOUGH and len(leaders) == 1:
        return leaders[0]
    return FALLBACK if catalogue.can_choose(FALLBACK) else choices[-1].subject


def words(text: str) -> set[str]:
    """The words of a text that say something, without accents, case, hyphens and plurals."""
    plain = unicodedata.normalize("NFKD", _JOINED.sub("", text)).encode("ascii", "ignore").decode().lower()
    return {word.rstrip("sx") for word in _WORD.findall(plain) if word not in _EMPTY}


def _score(label: Iterable[str], said: dict[str, float], frequency: Counter[str]) -> float:
    return sum(said[word] / frequency[word] for word in label if word in said)
