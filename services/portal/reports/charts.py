"""The geometry of the report's charts: figures in, coordinates out, nothing drawn.

Lengths are units of the SVG's own viewBox. Templates place what is computed here, and each chart stands beside a table
of the same figures. The caller words names and figures; `write` turns a figure into its French text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from services.portal.reports import axes
from services.portal.reports.axes import Frame, Plane, Shade, Tick, Write, spread

HIGH: Final = 16.0  # room that a printed figure takes upwards
DIGIT: Final = 8.5  # room that a digit of it takes sideways


class Series(NamedTuple):
    """Figures of one kind, one for each moment (or name) of a chart; `css` is the class that colours them."""

    name: str
    css: str
    values: Sequence[float | None]


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
    """Upright columns over time.

    Attributes:
        marked: those whose figure is printed.
        peak: the highest of the first series that has one.
    """

    width: float
    height: float
    rules: list[Tick]
    moments: list[Tick]
    boxes: list[Box]
    marked: list[Box]
    peak: Box | None


class Dot(NamedTuple):
    """A point of a line and its figure in words; `title` says all of it."""

    x: float
    y: float
    figure: str
    title: str


class Stroke(NamedTuple):
    """A stretch of a line without a gap."""

    css: str
    points: list[Dot]


class Lines(NamedTuple):
    """Lines over time.

    Attributes:
        strokes: the lines, broken where there is no figure.
        alone: points between two gaps.
        last: the last point of each line.
        named: those of them whose figures are printed.
    """

    width: float
    height: float
    rules: list[Tick]
    moments: list[Tick]
    strokes: list[Stroke]
    alone: list[Dot]
    last: list[Dot]
    named: list[Dot]


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
    """A heat map, one line a name and one column a moment.

    Attributes:
        tops: the highest boxes; none where all is nought.
        shades: the colours that stand in it, the lightest first.
    """

    width: float
    height: float
    names: list[Tick]
    moments: list[Tick]
    boxes: list[Box]
    tops: list[Box]
    shades: list[Shade]

    @property
    def peak(self) -> Box | None:
        """The highest box, where there is one alone."""
        return self.tops[0] if len(self.tops) == 1 else None


def columns(labels: Sequence[str], series: Sequence[Series], write: Write, frame: Frame = Frame()) -> Columns:
    """Columns side by side for each moment.

    Args:
        labels: one word a moment, in order; at least one.
        series: at least one, all of one unit; the peak of the first that has figures is marked.
        write: words a figure.
        frame: of the drawing.
    """
    plane = frame.plane(labels, max(value or 0 for one in series for value in one.values), write)
    thick = min(plane.slot * 0.76 / len(series), 30)
    boxes: list[list[Box]] = [[] for _ in series]
    for rank, one in enumerate(series):
        aside = thick * (rank - len(series) / 2)
        for n, (label, value) in enumerate(zip(labels, one.values, strict=True)):
            if value:
                title = f"{label}, {one.name}\u00a0: {write(value)}"
                boxes[rank].append(_box(plane, plane.x(n) + aside, thick, (0, value), one.css, write(value), title))
    figured = [box for group in boxes for box in group]
    first = next(filter(None, boxes), [])
    peak = max(first, key=lambda box: box.height, default=None)
    return _columns(plane, plane.slot if len(series) == 1 else thick, figured, figured, peak)


def stacked(labels: Sequence[str], series: Sequence[Series], write: Write, frame: Frame = Frame()) -> Columns:
    """Columns on top of each other for each moment, the first series at the bottom; the highest sum is marked.

    Args:
        labels: one word a moment, in order; at least one.
        series: at least one, all of one unit.
        write: words a figure.
        frame: of the drawing.
    """
    sums = [sum(value or 0 for value in values) for values in zip(*(one.values for one in series), strict=True)]
    plane = frame.plane(labels, max(sums), write)
    thick = min(plane.slot * 0.76, 30)
    boxes: list[Box] = []
    for n, label in enumerate(labels):
        below = 0.0
        for one in series:
            value = one.values[n] or 0
            title = f"{label}, {one.name}\u00a0: {write(value)}"
            stretch = (below, below := below + value)
            if value:
                boxes.append(_box(plane, plane.x(n) - thick / 2, thick, stretch, one.css, write(value), title))
    wholes = [
        _box(plane, plane.x(n) - thick / 2, thick, (0, whole), "", write(whole), f"{label}\u00a0: {write(whole)}")
        for n, (label, whole) in enumerate(zip(labels, sums, strict=True))
        if whole
    ]
    return _columns(plane, plane.slot, boxes, wholes, max(wholes, key=lambda box: box.height, default=None))


def _columns(plane: Plane, room: float, boxes: list[Box], figured: list[Box], peak: Box | None) -> Columns:
    """The chart; each figure of `figured` has so much room beside the next."""
    roomy = all(room > DIGIT * len(box.figure) for box in figured)
    marked = figured if roomy else [box for box in (peak,) if box]
    return Columns(plane.width, plane.height, plane.rules, plane.moments, boxes, marked, peak)


def _box(  # noqa: PLR0917 - where, how much, how it looks
    plane: Plane, x: float, thick: float, stretch: tuple[float, float], css: str, figure: str, title: str
) -> Box:
    """An upright box over a stretch of figures."""
    low, high = stretch
    return Box(x, plane.y(high), max(thick - 1.5, 1), plane.y(low) - plane.y(high), css, figure, title)


def lines(labels: Sequence[str], series: Sequence[Series], write: Write, frame: Frame = Frame()) -> Lines:
    """Lines from moment to moment, broken where there is no figure; the last figure of each is printed.

    Args:
        labels: one word a moment, in order; at least one.
        series: at least one, all of one unit.
        write: words a figure.
        frame: of the drawing.
    """
    plane = frame.plane(labels, max(value or 0 for one in series for value in one.values), write)
    strokes, alone, last = [], [], []
    for one in series:
        points = [
            Dot(plane.x(n), plane.y(value), write(value), f"{label}, {one.name}\u00a0: {write(value)}")
            for n, (label, value) in enumerate(zip(labels, one.values, strict=True))
            if value is not None
        ]
        stretches = list(_stretches(points, plane.slot))
        strokes += [Stroke(one.css, stretch) for stretch in stretches if len(stretch) > 1]
        alone += [stretch[0] for stretch in stretches[:-1] if len(stretch) == 1]
        last += points[-1:]
    return Lines(plane.width, plane.height, plane.rules, plane.moments, strokes, alone, last, _apart(last))


def _apart(dots: Sequence[Dot]) -> list[Dot]:
    """Those whose figures do not stand on each other."""
    apart: list[Dot] = []
    for dot in dots:
        if all(abs(dot.y - other.y) > HIGH for other in apart):
            apart.append(dot)
    return apart


def _stretches(points: Sequence[Dot], slot: float) -> Iterator[list[Dot]]:
    """The points in stretches, each without a gap."""
    stretch: list[Dot] = []
    for point in points:
        if stretch and point.x - stretch[-1].x > 1.5 * slot:
            yield stretch
            stretch = []
        stretch.append(point)
    if stretch:
        yield stretch


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
    values: Sequence[Sequence[int]],
    write: Write,
    *,
    width: float = 914,
    side: float = 244,
) -> Heat:
    """A heat map of counts, `values[name][moment]`.

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
            shade = axes.shade(value, highest)
            figure = write(value) if value and slot > 7 * len(write(value)) + 4 else ""
            title = f"{name}, {label}\u00a0: {write(value)}"
            boxes.append(Box(side + slot * moment + 1, 22 + 30 * rank, max(slot - 2, 1), 28, shade, figure, title))
    flat = [value for line in values for value in line]
    tops = [box for box, value in zip(boxes, flat, strict=True) if value and value == highest]
    lines = [Tick(41 + 30 * rank, name) for rank, name in enumerate(names)]
    return Heat(width, 24 + 30 * len(names), lines, spread(labels, side, slot), boxes, tops, list(axes.shades(highest)))
