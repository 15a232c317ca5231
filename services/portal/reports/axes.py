"""The axes of charts over time: round figures upwards, words below, and where both lie; the shades of heat maps.

Lengths are units of the SVG's own viewBox. The caller words names and figures; `Write` turns a figure into its French
text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

Write = Callable[[float], str]

LEFT: Final = 52.0  # room for the figures of the upright axis
TOP: Final = 30.0  # room for the figure and the mark above the highest column
BOTTOM: Final = 28.0  # room for the words below the level axis
LABEL: Final = 58.0  # room that one word below the axis takes, at least
LETTER: Final = 8.0  # room that a letter of it takes
SHADES: Final = 4  # steps of colour above nothing; few incidents stay light
HOURS: Final = 240  # minutes above which an axis counts whole hours
SMALL: Final = 2  # averages up to which an axis counts tenths


class Tick(NamedTuple):
    """A word of an axis, and where along that axis it stands."""

    at: float
    label: str


class Shade(NamedTuple):
    """A colour of a heat map and the counts that have it, from the lowest to the highest."""

    css: str
    low: int
    high: int

    def words(self, write: Write) -> str:
        """`5`, `6 à 10`."""
        return write(self.low) if self.low == self.high else f"{write(self.low)} à {write(self.high)}"


class Frame(NamedTuple):
    """The drawing around a chart over time.

    Attributes:
        width: of the drawing.
        height: of the drawing.
        unit: of the figures.
        highest: a figure that the axis reaches at least, so that charts beside each other can be compared.
    """

    width: float = 914
    height: float = 260
    unit: str = "count"
    highest: float = 0

    def plane(self, labels: Sequence[str], highest: float, write: Write) -> Plane:
        """Where moments and figures lie.

        Args:
            labels: one word a moment, in order; at least one.
            highest: figure that must fit.
            write: words a figure.
        """
        reached = max(highest, self.highest)
        ticks = scale(reached, grain(self.unit, reached))
        floor, slot = self.height - BOTTOM, (self.width - LEFT) / len(labels)
        unit = (floor - TOP) / ticks[-1]
        rules = [Tick(floor - unit * tick, write(tick)) for tick in ticks]
        return Plane(self.width, self.height, slot, unit, rules, spread(labels, LEFT, slot))


class Plane(NamedTuple):
    """Where moments and figures lie: time runs along the level axis, figures along the upright one.

    Attributes:
        width: of the drawing.
        height: of the drawing.
        slot: width of a moment.
        unit: height of one.
        rules: figures of the upright axis.
        moments: words of the level one.
    """

    width: float
    height: float
    slot: float
    unit: float
    rules: list[Tick]
    moments: list[Tick]

    @property
    def floor(self) -> float:
        """Where nought lies."""
        return self.height - BOTTOM

    def x(self, rank: int) -> float:
        """The middle of a moment."""
        return LEFT + self.slot * (rank + 0.5)

    def y(self, value: float) -> float:
        """The height of a figure."""
        return self.floor - self.unit * value


def scale(highest: float, grain: float = 1, steps: int = 4) -> list[float]:
    """Round figures for an axis, from 0 to the first that is not below `highest`.

    Args:
        highest: what the axis must reach.
        grain: all figures are whole multiples of it.
        steps: about how many.
    """
    grains = max(highest / grain, 1)
    rough = grains / steps
    power = 10.0 ** math.floor(math.log10(rough))
    step = max(1.0, next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough))
    return [grain * step * n for n in range(math.ceil(grains / step) + 1)]


def grain(unit: str, highest: float) -> float:
    """What the figures of an axis are whole multiples of: hours where minutes are many, hundredths of a share."""
    match unit:
        case "share":
            return 0.01
        case "minutes":
            return 60 if highest > HOURS else 10
        case "average":
            return 1 if highest > SMALL else 0.1
        case _:
            return 1


def spread(labels: Sequence[str], start: float, slot: float) -> list[Tick]:
    """The words that fit below an axis whose slots are `slot` wide: evenly chosen, the first always, none cut off."""
    room = max([LABEL, *(LETTER * len(label) for label in labels)])
    end = start + slot * len(labels)
    ticks: list[Tick] = []
    for n in range(0, len(labels), max(1, math.ceil(room / slot))):
        middle, wide = start + slot * (n + 0.5), LETTER * len(labels[n])
        at = min(middle, end - wide / 2)
        if not ticks or at - ticks[-1].at >= wide:
            ticks.append(Tick(at, labels[n]))
    return ticks


def shade(count: int, highest: int) -> str:
    """The class that colours a count in a heat map."""
    return f"c{1 - (-SHADES * count) // max(highest, SHADES)}" if count else "c0"


def shades(highest: int) -> Iterator[Shade]:
    """The colours that stand in a heat map, the lightest first."""
    low, most = 1, max(highest, SHADES)
    for step in range(1, SHADES + 1):
        high = min(most * step // SHADES, highest)
        if low <= high:
            yield Shade(f"c{1 + step}", low, high)
        low = high + 1
