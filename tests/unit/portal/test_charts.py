"""The charts place what they are given, and never more than the drawing holds."""

import itertools
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.portal.reports import axes, charts
from services.portal.reports.axes import Frame
from services.portal.reports.charts import Series
from services.portal.reports.wording import written


def write(value: float) -> str:
    return f"{value:.0f}"


@given(st.floats(min_value=0, max_value=1e9), st.sampled_from(["count", "minutes", "share", "average"]))
def test_an_axis_starts_at_zero_covers_the_highest_and_has_few_round_steps(highest: float, unit: str) -> None:
    least = axes.grain(unit, highest)
    ticks = axes.scale(highest, least)
    assert ticks[0] == 0
    assert ticks[-1] >= highest * (1 - 1e-9)
    assert 2 <= len(ticks) <= 6
    assert all(abs(tick / least - round(tick / least)) < 1e-6 for tick in ticks)


@pytest.mark.parametrize(
    ("highest", "unit", "expected"),
    [
        (143, "count", ["0", "50", "100", "150"]),
        (1, "share", ["0\u00a0%", "50\u00a0%", "100\u00a0%"]),
        (320, "minutes", ["0\u00a0min", "2\u00a0h", "4\u00a0h", "6\u00a0h"]),
        (35, "minutes", ["0\u00a0min", "10\u00a0min", "20\u00a0min", "30\u00a0min", "40\u00a0min"]),
        (0.23, "average", ["0", "0,1", "0,2", "0,3"]),
    ],
)
def test_an_axis_is_written_in_words_that_people_count_in(highest: float, unit: str, expected: list[str]) -> None:
    assert [written(tick, unit) for tick in axes.scale(highest, axes.grain(unit, highest))] == expected


def test_columns_are_as_high_as_their_figures_say_and_nothing_stands_for_zero() -> None:
    chart = charts.columns(["1", "2", "3"], [Series("créés", "c4", [2, 0, 4])], write)
    assert [box.figure for box in chart.boxes] == ["2", "4"]
    assert chart.boxes[1].height == 2 * chart.boxes[0].height
    assert chart.peak == chart.boxes[1]
    assert chart.boxes[0].title == "1, créés\u00a0: 2"


def test_a_crowded_chart_prints_the_peak_only() -> None:
    days = [str(day) for day in range(90)]
    chart = charts.columns(days, [Series("créés", "c4", [day % 7 * 100 for day in range(90)])], write)
    assert chart.marked == [chart.peak]
    assert len(chart.moments) <= 16


@pytest.mark.parametrize("draw", [charts.columns, charts.stacked])
def test_columns_without_a_figure_draw_an_axis_and_nothing_else(draw) -> None:  # type: ignore[no-untyped-def]
    chart = draw(["1"], [Series("créés", "c4", [0])], write)
    assert (chart.boxes, chart.peak, [tick.label for tick in chart.rules]) == ([], None, ["0", "1"])


def test_the_highest_of_the_second_kind_is_the_peak_where_the_first_has_no_figure() -> None:
    chart = charts.columns(["1", "2"], [Series("créés", "c4", [0, 0]), Series("résolus", "c2", [1, 3])], write)
    assert chart.peak is not None
    assert chart.peak.title == "2, résolus\u00a0: 3"


@given(
    st.lists(st.none() | st.integers(min_value=0, max_value=10**6), min_size=1, max_size=120),
    st.integers(1, 3),
    st.sampled_from([charts.columns, charts.stacked]),
)
def test_columns_stay_inside_the_drawing(values: list[int | None], kinds: int, draw) -> None:  # type: ignore[no-untyped-def]
    chart = draw([str(n) for n in range(len(values))], [Series("a", "c4", values)] * kinds, write)
    for box in chart.boxes:
        assert box.x >= axes.LEFT
        assert box.x + box.width <= chart.width + 1e-6
        assert box.y >= axes.TOP - 1e-6
        assert box.y + box.height <= chart.height


def test_stacked_columns_stand_on_each_other_and_the_highest_sum_is_the_peak() -> None:
    series = [
        Series("en cours", "c5", [1, 3]),
        Series("en attente", "c2", [4, None]),
        Series("à prendre", "c4", [1, 2]),
    ]
    chart = charts.stacked(["lundi", "mardi"], series, write)
    low, middle, high = chart.boxes[:3]
    assert low.y == pytest.approx(middle.y + middle.height)
    assert middle.y == pytest.approx(high.y + high.height)
    assert middle.height == pytest.approx(4 * low.height)
    assert chart.peak is not None
    assert (chart.peak.title, chart.peak.height) == ("lundi\u00a0: 6", pytest.approx(6 * low.height))
    assert [box.figure for box in chart.marked] == ["6", "5"]


def test_lines_break_where_there_is_no_figure_and_lone_points_are_seen() -> None:
    chart = charts.lines(list("abcdef"), [Series("médiane", "line", [1, 2, None, 5, None, 3])], write)
    assert [len(stroke.points) for stroke in chart.strokes] == [2]
    assert [dot.figure for dot in chart.alone] == ["5"]
    assert [dot.title for dot in chart.last] == ["f, médiane\u00a0: 3"]
    assert chart.strokes[0].points[0].y > chart.strokes[0].points[1].y


def test_figures_that_would_stand_on_each_other_are_printed_once() -> None:
    series = [Series("a", "line", [100]), Series("b", "line dotted", [99]), Series("c", "line dashed", [10])]
    chart = charts.lines(["x"], series, write)
    assert [dot.figure for dot in chart.named] == ["100", "10"]
    assert len(chart.last) == 3


def test_lines_without_a_figure_draw_an_axis() -> None:
    chart = charts.lines(["x"], [Series("a", "line", [None])], write)
    assert (chart.strokes, chart.last, len(chart.rules)) == ([], [], 2)


def test_two_charts_beside_each_other_have_the_same_axis() -> None:
    frames = [Frame(width=440, highest=900)] * 2
    low, high = (
        charts.columns(["x"], [Series("a", "c4", [value])], write, frame)
        for value, frame in zip((9, 900), frames, strict=True)
    )
    assert low.rules == high.rules


@given(st.integers(1, 400), st.sampled_from(["31/01", "24/11/2026", "décembre"]))
def test_no_word_below_an_axis_is_cut_off_or_touches_the_next(count: int, label: str) -> None:
    ticks = axes.spread([label] * count, 0, 862 / count)
    half = axes.LETTER * len(label) / 2
    assert ticks[-1].at + half <= 862 + 1e-6
    assert all(before.at + 2 * half <= after.at + 1e-6 for before, after in itertools.pairwise(ticks))


def test_figures_that_have_no_room_beside_each_other_are_not_printed() -> None:
    weeks = [str(week) for week in range(13)]
    two = [Series("créés", "c4", [314] * 13), Series("résolus", "c2", [310] * 13)]
    assert len(charts.columns(weeks, two, write).marked) == 1
    assert len(charts.columns(weeks, two[:1], write).marked) == 13


def test_bars_come_longest_first_without_those_that_count_nothing() -> None:
    chart = charts.bars(["a", "b", "c"], [1, 0, 3], write)
    assert [bar.label for bar in chart.bars] == ["c", "a"]
    assert chart.bars[0].box.width == 3 * chart.bars[1].box.width


def test_a_heat_map_shades_by_share_of_the_highest_and_marks_it() -> None:
    chart = charts.heat(["x", "y"], ["lundi", "mardi"], [[0, 1], [4, 2]], write)
    assert [box.css for box in chart.boxes] == ["c0", "c2", "c5", "c3"]
    assert chart.peak == chart.boxes[2]
    assert chart.boxes[0].figure == ""


def test_a_few_incidents_stay_light_and_none_of_several_equals_is_the_peak() -> None:
    chart = charts.heat(["x", "y"], ["lundi"], [[1], [1]], write)
    assert ([box.css for box in chart.boxes], chart.peak) == (["c2", "c2"], None)


@given(st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=60))
def test_the_shades_of_a_heat_map_say_which_counts_have_them(values: list[int]) -> None:
    chart = charts.heat(["x"], [str(n) for n in range(len(values))], [values], write)
    shades = {shade.css: shade for shade in chart.shades}
    for value, box in zip(values, chart.boxes, strict=True):
        if value:
            assert shades[box.css].low <= value <= shades[box.css].high


def test_an_empty_heat_map_has_no_peak() -> None:
    assert charts.heat(["x"], ["lundi"], [[0]], partial(written, unit="count")).peak is None
