"""The charts of a report, each with everything said about it and the table of its figures. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final, Literal, NamedTuple

from services.portal.look.typography import lower_first
from services.portal.reports import charts, figures, periods, wording
from services.portal.reports.axes import Frame
from services.portal.reports.choice import Choice
from services.portal.reports.figures import Line, Split
from services.portal.reports.periods import Period
from services.portal.reports.sheets import Drawn, Shape
from services.portal.reports.wording import Change
from shared.typography import NBSP
from shared.wire.reports import Column

#: Colours of the series of a chart, by its form and by how many they are.
_COLOURS: Final[Mapping[Shape, Mapping[int, tuple[str, ...]]]] = {
    "columns": {1: ("c4",), 2: ("c4", "c2")},
    "stacked": {2: ("c4", "c2"), 3: ("c5", "c2", "c4"), 5: ("c1", "c2", "c3", "c4", "c5")},
    "lines": {1: ("line",), 2: ("line", "line dotted"), 3: ("line", "line dotted", "line dashed")},
}
#: Lying bars that one looks at; the table beside them holds all.
MOST_BARS: Final = 15
#: More moments than these cannot be told apart in a heat map.
HEAT_MOMENTS: Final = 93
#: What is said of a chart without a figure.
EMPTY: Final = "Rien sur cette période."
#: Equally high boxes of a heat map that are named.
_MOST_TOPS: Final = 3
#: Room that each of several columns side by side takes at least.
_LEAST_COLUMN: Final = 4
_HALF: Final = 440.0  # width of a chart that stands beside another

Columns = Mapping[str, Column]


class Cell(NamedTuple):
    """A figure in a table, and where it is explained; empty where there is nothing to explain."""

    text: str
    href: str = ""


class Figure(NamedTuple):
    """A total at the head of a page, and what it was in another period, each with where it is explained."""

    label: str
    text: str
    href: str
    change: Change | None
    before_href: str


class Table(NamedTuple):
    """Figures under the heads of their columns; each row begins with its name."""

    caption: str
    heads: list[str]
    rows: list[tuple[str, list[Cell]]]


class Chart(NamedTuple):
    """A chart of the page with everything said about it; `legend` names its colours."""

    id: str
    title: str
    described: str
    shape: Shape | Literal["bars", "heat"]
    drawing: Any
    legend: list[tuple[str, str]]
    table: Table
    is_full: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether it would draw nothing."""
        return self.described == EMPTY


class Axis(NamedTuple):
    """An axis of a heat map, and the words of its codes in order."""

    axis: str
    words: Mapping[str, str]


class Parted(NamedTuple):
    """The figures by an axis, and those of another period by its codes, where they stand beside."""

    axis: str
    splits: list[Split]
    before: Mapping[str, Line] | None = None

    @property
    def word(self) -> str:
        """What the axis is called."""
        return lower_first(wording.axis_name(self.axis))


class Told(NamedTuple):
    """The figures of a period by moment."""

    period: Period
    lines: Mapping[date, Line]


_DRAW: Final[Mapping[Shape, Callable[..., Any]]] = {
    "columns": charts.columns,
    "stacked": charts.stacked,
    "lines": charts.lines,
}


class Place(NamedTuple):
    """Where a chart stands: its name in the page, its title, the drawing around it."""

    id: str
    title: str
    frame: Frame


def over_time(drawn: Drawn, rank: int, choice: Choice, columns: Columns, told: Sequence[Told]) -> list[Chart]:
    """A chart of a period; where there are two, one beside the other, on axes that can be compared.

    Args:
        drawn: which one.
        rank: its place on the page.
        choice: what was asked.
        columns: of the report, by name.
        told: the figures of the period, and of the one it is compared with.
    """
    highest = max(_highest(drawn, one.lines.values()) for one in told)
    frame = Frame(unit=columns[drawn.columns[0]].unit, highest=highest)
    title = f"{drawn.title}, par {lower_first(periods.UNITS[choice.unit])}"
    if len(told) == 1:
        return [_chart(drawn, Place(f"temps-{rank}", title, frame), choice, columns, told[0])]
    half = frame._replace(width=_HALF)
    titles = [f"{title}, {lower_first(one.period.words())}" for one in told]
    return [
        _chart(drawn, Place(f"temps-{rank}-{n}", titles[n], half), choice, columns, one) for n, one in enumerate(told)
    ]


def _highest(drawn: Drawn, lines: Iterable[Line]) -> float:
    values = [[figures.number(line[name]) or 0 for name in drawn.columns] for line in lines]
    return max((sum(some) if drawn.shape == "stacked" else max(some) for some in values), default=0)


def _chart(drawn: Drawn, place: Place, choice: Choice, columns: Columns, told: Told) -> Chart:
    shown = [columns[name] for name in drawn.columns]
    shape = _shape(drawn, place.frame, len(told.lines))
    colours = _COLOURS[shape][len(shown)]
    series = [
        charts.Series(lower_first(wording.head(column)), colour, figures.series(told.lines.values(), column.name))
        for column, colour in zip(shown, colours, strict=True)
    ]
    words = list(map(periods.words(told.period, choice.unit), told.lines))
    drawing = _DRAW[shape](words, series, partial(wording.written, unit=place.frame.unit), place.frame)
    return Chart(
        id=place.id,
        title=place.title,
        described=_described(drawing),
        shape=shape,
        drawing=drawing,
        legend=[(colour, wording.head(column)) for column, colour in zip(shown, colours, strict=True)],
        table=moments_table(place.title, choice, told, shown),
        is_full=place.frame.width != _HALF,
    )


def _shape(drawn: Drawn, frame: Frame, moments: int) -> Shape:
    """Its form; lines where columns side by side would be too many to be told apart."""
    crowded = moments * len(drawn.columns) * _LEAST_COLUMN > frame.width
    return "lines" if drawn.shape == "columns" and len(drawn.columns) > 1 and crowded else drawn.shape


def _described(drawing: Any) -> str:
    """The chart in a sentence."""
    if isinstance(drawing, charts.Lines):
        last = [dot.title for dot in drawing.last]
        return f"Dernières valeurs{NBSP}: {_listed(last)}." if last else EMPTY
    if isinstance(drawing, charts.Heat):
        tops = [box.title for box in drawing.tops]
        more = [f"et {len(tops) - _MOST_TOPS} de plus"] if len(tops) > _MOST_TOPS else []
        return f"Le plus haut{NBSP}: {_listed(tops[:_MOST_TOPS] + more)}." if tops else EMPTY
    return f"Le plus haut{NBSP}: {drawing.peak.title}." if drawing.peak else EMPTY


def _listed(said: Iterable[str]) -> str:
    return "\u202f; ".join(said)


def moments_table(caption: str, choice: Choice, told: Told, columns: Sequence[Column]) -> Table:
    """Columns by moment."""
    heads = ["Semaine du" if choice.unit == "week" else periods.UNITS[choice.unit], *map(wording.head, columns)]
    word = periods.words(told.period, choice.unit)
    rows = [
        (
            word(moment),
            [
                cell(column, line, choice, told.period, {choice.unit: periods.code(moment, choice.unit)})
                for column in columns
            ],
        )
        for moment, line in told.lines.items()
    ]
    return Table(caption, heads, rows)


def splits_table(caption: str, choice: Choice, columns: Sequence[Column], parted: Parted) -> Table:
    """Columns by what the figures are split by, beside those of another period where there is one."""
    heads = [wording.axis_name(parted.axis)]
    for column in columns:
        head = wording.head(column)
        heads += [head] if parted.before is None else [head, f"{head}, avant"]
    return Table(
        f"{caption}, par {parted.word}",
        heads,
        [(split.label, list(_cells(choice, columns, parted, split))) for split in parted.splits],
    )


def _cells(choice: Choice, columns: Sequence[Column], parted: Parted, split: Split) -> Iterator[Cell]:
    cells = {parted.axis: split.code}
    for column in columns:
        yield cell(column, split.figures, choice, choice.period, cells)
        if parted.before is not None:
            yield cell(column, parted.before.get(split.code, {}), choice, choice.compared(), cells)


def cell(column: Column, line: Line, choice: Choice, period: Period | None, cells: Mapping[str, str]) -> Cell:
    """A figure of a row, with the way to what makes it."""
    value = line.get(column.name)
    text = wording.written(value, column.unit)
    return Cell(text, choice.detail(column.name, period, cells) if value else "")


def figure(column: Column, choice: Choice, now: Line, before: Line) -> Figure:
    """A total beside that of the period it is compared with."""
    made, other = (
        cell(column, line, choice, period, {}) for line, period in ((now, choice.period), (before, choice.compared()))
    )
    change = wording.change(column.name, column.unit, now[column.name], before[column.name])
    return Figure(wording.head(column), made.text, made.href, change, other.href)


def ranked(id_: str, title: str, choice: Choice, column: Column, parted: Parted) -> Chart:
    """Lying bars by what the figures are split by."""
    shown = [split for split in parted.splits if split.figures[column.name]][:MOST_BARS]
    values = [figures.number(split.figures[column.name]) or 0 for split in shown]
    drawing = charts.bars([split.label for split in shown], values, partial(wording.written, unit=column.unit))
    described = f"En tête{NBSP}: {drawing.bars[0].box.title}." if drawing.bars else EMPTY
    table = splits_table(title, choice, [column], parted)
    return Chart(id_, table.caption, described, "bars", drawing, [], table, is_full=False)


def named(id_: str, title: str, choice: Choice, column: Column, parted: Parted) -> Chart:
    """Upright columns by what the figures are split by, in the order in which they come."""
    values = [figures.number(split.figures[column.name]) for split in parted.splits]
    series = charts.Series(lower_first(wording.head(column)), "c4", values)
    write = partial(wording.written, unit=column.unit)
    drawing = charts.columns([split.label for split in parted.splits], [series], write, Frame(unit=column.unit))
    table = splits_table(title, choice, [column], parted)
    return Chart(id_, table.caption, _described(drawing), "columns", drawing, [], table)


def heat(
    place: Place, choice: Choice, column: str, *, lines: Axis, moments: Axis, found: Mapping[tuple[str, str], float]
) -> Chart | None:
    """A heat map of counts; None where it would say nothing or could not be read.

    Args:
        place: its name in the page and its title.
        choice: what was asked.
        column: whose figures these are.
        lines: what the lines are, by code.
        moments: what the columns are, by code.
        found: the counts by line and column.
    """
    if not found or not 1 < len(moments.words) <= HEAT_MOMENTS:
        return None
    values = [[int(found.get((line, moment), 0)) for moment in moments.words] for line in lines.words]
    write = partial(wording.written, unit="count")
    drawing = charts.heat(list(lines.words.values()), list(moments.words.values()), values, write)

    def made(line: str, moment: str) -> Cell:
        value = found.get((line, moment), 0)
        cells = {lines.axis: line, moments.axis: moment}
        return Cell(write(value), choice.detail(column, cells=cells) if value else "")

    rows = [(word, [made(line, moment) for moment in moments.words]) for line, word in lines.words.items()]
    table = Table(place.title, [wording.axis_name(lines.axis), *moments.words.values()], rows)
    legend = [(one.css, one.words(write)) for one in drawing.shades]
    return Chart(place.id, place.title, _described(drawing), "heat", drawing, legend, table)
