"""The charts place what they are given, and never more than the drawing holds."""

from hypothesis import given
from hypothesis import strategies as st

from services.portal.reports import charts


def write(value: float) -> str:
    return f"{value:.0f}"


@given(st.floats(min_value=0, max_value=1e9))
def test_an_axis_starts_at_zero_covers_the_highest_and_has_few_round_steps(highest: float) -> None:
    ticks = charts.scale(highest)
    assert ticks[0] == 0
    assert ticks[-1] >= highest
    assert 2 <= len(ticks) <= 6
    assert all(tick == int(tick) for tick in ticks)


def test_columns_are_as_high_as_their_figures_say_and_nothing_stands_for_zero() -> None:
    chart = charts.columns(["1", "2", "3"], [charts.Series("créés", "c4", [2, 0, 4])], write)
    assert [box.figure for box in chart.boxes] == ["2", "4"]
    assert chart.boxes[1].height == 2 * chart.boxes[0].height
    assert chart.peak == chart.boxes[1]
    assert chart.boxes[0].title == "1, créés\u00a0: 2"


def test_a_crowded_chart_prints_the_peak_only() -> None:
    days = [str(day) for day in range(90)]
    chart = charts.columns(days, [charts.Series("créés", "c4", [day % 7 * 100 for day in range(90)])], write)
    assert chart.marked == [chart.peak]
    assert len(chart.moments) <= 16


def test_columns_without_a_figure_draw_an_axis_and_nothing_else() -> None:
    chart = charts.columns(["1"], [charts.Series("créés", "c4", [0])], write)
    assert (chart.boxes, chart.peak, [tick.label for tick in chart.rules]) == ([], None, ["0", "1"])


@given(st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=120), st.integers(1, 3))
def test_columns_stay_inside_the_drawing(values: list[int], kinds: int) -> None:
    chart = charts.columns([str(n) for n in range(len(values))], [charts.Series("a", "c4", values)] * kinds, write)
    for box in chart.boxes:
        assert box.x >= charts.LEFT
        assert box.x + box.width <= chart.width + 1e-6
        assert box.y >= charts.TOP - 1e-6
        assert box.y + box.height <= chart.height


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


def test_an_empty_heat_map_has_no_peak() -> None:
    assert charts.heat(["x"], ["lundi"], [[0]], write).peak is None
