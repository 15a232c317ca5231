"""What people write and what they are called: composed from the small grammars of `texts.toml`. Pure."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

_FILE: Final[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))
_SLOT: Final = re.compile(r"\{(\w+)\}")
_SLOTS: Final[dict[str, Sequence[str]]] = _FILE["slots"]
_DESCRIPTIONS: Final[dict[str, Sequence[str]]] = _FILE["descriptions"]
_WORDS: Final[dict[str, Sequence[str]]] = _FILE["words"]
_PEOPLE: Final[dict[str, Sequence[str]]] = _FILE["people"]

#: The subjects that somebody can write about.
SUBJECTS: Final = frozenset(_DESCRIPTIONS)


def description(subject: str, random: Random) -> str:
    """What a requester writes first."""
    filled = _filled(random.choice(_DESCRIPTIONS[subject]), random)
    opening, end = random.choice(_WORDS["openings"]), _filled(random.choice(_WORDS["ends"]), random)
    return f"{opening}{filled[0].upper()}{filled[1:]}{end}"


def words(kind: str, random: Random) -> str:
    """A text of a kind: a list of `[words]` in texts.toml, such as `replies`."""
    return _filled(random.choice(_WORDS[kind]), random)


def person(rank: int) -> tuple[str, str]:
    """Name and address of the person of a rank; no two ranks have the same address."""
    first, last = _PEOPLE["first"], _PEOPLE["last"]
    name = f"{first[rank % len(first)]} {last[rank // len(first) % len(last)]}"
    plain = unicodedata.normalize("NFKD", name.lower().replace(" ", ".")).encode("ascii", "ignore").decode()
    again = rank // (len(first) * len(last))
    return name, f"{plain}{again + 1 if again else ''}@academie.example"


def _filled(text: str, random: Random) -> str:
    return _SLOT.sub(lambda slot: random.choice(_SLOTS[slot[1]]), text)
