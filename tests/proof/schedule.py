"""When which fault comes: a pure function of the seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final, NamedTuple

#: Seconds between the beginnings of two faults.
GAP: Final = (2.0, 4.0)
#: Seconds that most faults last, and what one in `RARE` does: longer than most patience in the system.
SHORT: Final = (0.5, 6.0)
LONG: Final = (20.0, 60.0)
RARE: Final = 12
#: The least share of a run that is left after a long fault begins.
_ROOM: Final = 0.4


class Moment(NamedTuple):
    """A fault to come: seconds after the start, which kind, for how long, and the chance it decides its details by."""

    at: float
    kind: str
    lasts: float
    chance: float


def plan(seed: int, seconds: float, kinds: Sequence[str], pace: float = 1.0) -> list[Moment]:
    """All faults of a run, in order.

    Each kind comes once before any comes twice. All are over when the run is.

    Args:
        seed: of everything.
        seconds: length of the run.
        kinds: what can be injected.
        pace: how many times the usual time lies between two faults; with 10, each is over before the next one comes.
    """
    dice = random.Random(seed)
    moments: list[Moment] = []
    bag: list[str] = []
    at = pace * dice.uniform(*GAP) / 2
    while kinds and at < seconds - GAP[0]:
        if not bag:
            bag = dice.sample(list(kinds), len(kinds))
        moments.append(Moment(at, bag.pop(), min(_length(dice, at, seconds), seconds - at), dice.random()))
        at += pace * dice.uniform(*GAP)
    return moments


def _length(dice: random.Random, at: float, seconds: float) -> float:
    rare = dice.randrange(RARE) == 0
    length = dice.uniform(*(LONG if rare else SHORT))
    return length if length < SHORT[1] or seconds - at > length + _ROOM * seconds else SHORT[1]
