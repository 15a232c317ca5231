"""The geometry of the report's charts: figures in, coordinates out, nothing drawn.

Lengths are units of the SVG's own viewBox. Templates place what is computed here, and each chart stands beside a table
of the same figures. The caller words names and figures; `write` turns a figure into its French text.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

Write = Callable[[float], str]

LEFT: Final = 44.0  # room for the figures of the upright axis
TOP: Final = 30.0  # room for the figure and the mark above the highest column
BOTTOM: Final = 28.0  # room for the words below the level axis
LABEL: Final = 58.0  # room that one word below the axis takes
SHADES: Final = 4  # steps of colour above nothing; few incidents stay light


class Series(NamedTuple):
    """Figures of one kind, one for each moment (or name) of a chart; `css` is the class that colours them."""

    name: str
    css: str
    values: Sequence[float]


class Tick(NamedTuple):
    """A word of an axis, and where along that axis it stands."""

    at: float
    label: str


class Box(NamedTuple):
    """A rectangle, its colour and its figure in words; `title` says all of it."""

    x: float
    y: float
    width: float
    height: float
    css: str
    figure: str
    title: str


class Columns(NamedTuple):
    """Upright columns over time. `marked` are those whose figure is printed, `peak` the highest of the first series."""

    width: float
    height: float
    rules: list[Tick]
    moments: list[Tick]
    boxes: list[Box]
    marked: list[Box]
    peak: Box | None


class Bar(NamedTuple):
    """A line of a bar chart: name and figure above, the bar below."""

    y: float
    label: str
    figure: str
    box: Box


class Bars(NamedTuple):
    """Lying bars."""

    width: float
    height: float
    bars: list[Bar]


class Heat(NamedTuple):
    """A heat map, one line a name and one column a moment; `peak` is the highest box, where one is."""

    width: float
    height: float
    names: list[Tick]
    moments: list[Tick]
    boxes: list[Box]
    peak: Box | None


def scale(highest: float, steps: int = 4) -> list[float]:
    """Round whole figures for an axis, from 0 to the first that is not below `highest`."""
    rough = max(highest, 1) / steps
    power = 10.0 ** math.floor(math.log10(rough))
    step = max(1.0, next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough))
    return [step * n for n in range(math.ceil(max(highest, 1) / step) + 1)]


def spread(labels: Sequence[str], start: float, slot: float) -> list[Tick]:
    """The words that fit below an axis whose slots are `slot` wide: evenly chosen, the first always."""
    every = max(1, math.ceil(LABEL / slot))
    return [Tick(start + slot * (n + 0.5), labels[n]) for n in range(0, len(labels), every)]


def columns(
    labels: Sequence[str], series: Sequence[Series], write: Write, *, width: float = 914, height: float = 260
) -> Columns:
    """Columns side by side for each moment.

    Args:
        labels: one word a moment, in order; at least one.
        series: at least one; the peak of the first is marked.
        write: words a figure.
        width: of the drawing.
        height: of the drawing.
    """
    ticks = scale(max(value for one in series for value in one.values))
    floor = height - BOTTOM
    unit = (floor - TOP) / ticks[-1]
    slot = (width - LEFT) / len(labels)
    thick = min(slot * 0.76 / len(series), 30)
    groups = []
    for rank, one in enumerate(series):
        aside = thick * (rank - len(series) / 2)
        centres = [LEFT + slot * (n + 0.5) for n in range(len(labels))]
        groups.append(
            [
                _column(one, label, write(value), (centre + aside, floor - unit * value, thick, unit * value))
                for label, value, centre in zip(labels, one.values, centres, strict=True)
                if value
            ]
        )
    boxes = [box for group in groups for box in group]
    peak = max(groups[0], key=lambda box: box.height, default=None)
    roomy = thick > 7 * max((len(box.figure) for box in boxes), default=1)
    return Columns(
        width,
        height,
        [Tick(floor - unit * tick, write(tick)) for tick in ticks],
        spread(labels, LEFT, slot),
        boxes,
        boxes if roomy else [box for box in (peak,) if box],
        peak,
    )


def _column(one: Series, label: str, figure: str, place: tuple[float, float, float, float]) -> Box:
    x, y, width, height = place
    return Box(x, y, max(width - 1.5, 1), height, one.css, figure, f"{label}, {one.name}\u00a0: {figure}")


def bars(names: Sequence[str], values: Sequence[float], write: Write, *, width: float = 440, step: float = 42) -> Bars:
    """Lying bars, longest first, those that count nothing left out."""
    highest = max(values, default=0) or 1
    ranked = sorted(((value, name) for value, name in zip(values, names, strict=True) if value), key=lambda it: -it[0])
    lines = []
    for rank, (value, name) in enumerate(ranked):
        y = step * rank
        box = Box(0.5, y + 17, (width - 1) * value / highest, 14, "c4", write(value), f"{name}\u00a0: {write(value)}")
        lines.append(Bar(y + 12, name, write(value), box))
    return Bars(width, max(step * len(ranked) - 8, 1), lines)


def heat(
    names: Sequence[str],
    labels: Sequence[str],
    values: Sequence[Sequence[float]],
    write: Write,
    *,
    width: float = 914,
    side: float = 244,
) -> Heat:
    """A heat map of `values[name][moment]`.

    Args:
        names: one a line, in order.
        labels: one word a moment.
        values: a figure for each name and moment.
        write: words a figure.
        width: of the drawing.
        side: room for the names at the left.
    """
    highest = max((value for line in values for value in line), default=0)
    slot = (width - side) / max(len(labels), 1)
    boxes = []
    for rank, name in enumerate(names):
        for moment, label in enumerate(labels):
            value = values[rank][moment]
            shade = f"c{1 + math.ceil(SHADES * value / max(highest, SHADES))}" if value else "c0"
            figure = write(value) if value and slot > 7 * len(write(value)) + 4 else ""
            title = f"{name}, {label}\u00a0: {write(value)}"
            boxes.append(Box(side + slot * moment + 1, 22 + 30 * rank, max(slot - 2, 1), 28, shade, figure, title))
    flat = [value for line in values for value in line]
    peak = boxes[flat.index(highest)] if highest and flat.count(highest) == 1 else None
    lines = [Tick(41 + 30 * rank, name) for rank, name in enumerate(names)]
    return Heat(width, 24 + 30 * len(names), lines, spread(labels, side, slot), boxes, peak)
