"""The page of each report of the contract: its figures, charts and tables, each figure leading to what makes it."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from services.portal.reports import charts, detail, figures, pages
from services.portal.reports.asking import Answers, labels_with
from services.portal.reports.choice import Choice
from services.portal.reports.drawing import Chart
from services.portal.reports.pages import Shown
from services.portal.reports.periods import Period
from services.portal.reports.sheets import SHEETS, sheet_of
from shared.wire.reports import Column, ReportItem
from tests.unit.portal.reporting import COLUMNS, answer, item

WEEK = Period(date(2026, 11, 18), date(2026, 11, 24))
LABELS = {"subject": {"a": "Réseau", "b": "Messagerie"}, "group": {}}


def shown(name: str, some: dict[str, Any], comparison: str = "") -> Shown:
    """A report whose every row says the same, with two subjects, on two days."""
    one = item(name)
    rows = {("2026-11-18",): some, ("2026-11-20",): some}
    beside = comparison or None
    return Shown(
        one,
        Choice(report=name, named="7-days", period=WEEK, unit="day", split="subject", comparison=comparison),
        Answers(
            total=answer(name, [], {(): some}),
            before=answer(name, [], {(): some}),
            moments=answer(name, ["day"], rows),
            moments_before=beside and answer(name, ["day"], {("2026-11-11",): some}),
            splits=answer(name, ["subject"], {("a",): some, ("b",): some}),
            splits_before=beside and answer(name, ["subject"], {("a",): some}),
            others=answer(name, ["urgency"], {("high",): some}),
            crossed=answer(name, ["day", "subject"], {("2026-11-18", "a"): some}),
            weekdays=answer(name, ["weekday"], {("1",): some}) if name == "rhythm" else None,
            hourly=answer(name, ["weekday", "hour"], {("1", "8"): some}) if name == "rhythm" else None,
        ),
        LABELS,
    )


def every(name: str) -> dict[str, Any]:
    return {column: 0.5 if unit == "share" else 2 for column, unit in COLUMNS[name].items()}


def by_id(one: Shown) -> dict[str, Chart]:
    return {chart.id: chart for chart in pages.charts_of(one)}


@pytest.mark.parametrize("name", COLUMNS)
def test_every_report_has_a_sheet_of_its_own_columns(name: str) -> None:
    sheet = SHEETS[name]
    drawn = [column for chart in sheet.drawn for column in chart.columns]
    assert {*sheet.figures, sheet.ranked, *drawn} <= COLUMNS[name].keys()
    for chart in sheet.drawn:
        assert len({COLUMNS[name][column] for column in chart.columns}) == 1


@pytest.mark.parametrize("some", [{}, "every"], ids=["nothing", "something"])
@pytest.mark.parametrize("comparison", ["", "year"])
@pytest.mark.parametrize("name", COLUMNS)
def test_every_report_is_drawn_whatever_it_says(name: str, comparison: str, some: Any) -> None:
    one = shown(name, every(name) if some else {}, comparison)
    drawn = list(pages.charts_of(one))
    assert len({chart.id for chart in drawn}) == len(drawn)
    assert all(chart.described for chart in drawn)
    assert len(list(pages.totals(one))) == len(SHEETS[name].figures)
    for table in [*(chart.table for chart in drawn), *pages.tables_of(one)]:
        assert {len(cells) + 1 for _, cells in table.rows} == {len(table.heads)}


def test_the_figure_of_another_period_leads_to_its_detail_too() -> None:
    created = next(pages.totals(shown("volumes", {"created": 3}, "year")))
    assert "from=2025-11-18&to=2025-11-24" in created.before_href


def test_the_detail_says_the_figure_that_it_explains() -> None:
    report = answer("times", ["group"], {("a",): {"take_median": 80}, (None,): {"take_median": 5}})
    assert detail.figure(report, "take_median", {"group": "a"}) == "1\u00a0h\u00a020"
    assert detail.figure(report, "take_median", {"group": ""}) == "5\u00a0min"
    assert detail.figure(report, "take_median", {"group": "gone"}) == "–"
    assert detail.figure(report, "taken", {"group": "gone"}) == "0"


def test_the_detail_of_midnight_says_its_figure() -> None:
    report = answer("rhythm", ["weekday", "hour"], {(1, 0): {"created": 4}, (1, 8): {"created": 5}})
    assert detail.figure(report, "created", {"weekday": "1", "hour": "0"}) == "4"


def test_what_a_report_is_narrowed_to_is_said_in_words() -> None:
    codes = {"urgency": "high", "subject": "a", "week": "2026-W48", "group": ""}
    assert list(detail.chosen(codes, LABELS)) == [
        "urgence\u00a0: Élevée",
        "objet\u00a0: Réseau",
        "semaine\u00a0: 2026-W48",
        "équipe\u00a0: Sans équipe",
    ]


def test_a_figure_leads_to_its_detail_and_nought_leads_nowhere() -> None:
    one = shown("volumes", {"created": 3})
    assert [(total.text, bool(total.href)) for total in pages.totals(one)] == [
        ("3", True),
        ("0", False),
        ("0", False),
        ("0", False),
    ]
    first, second = by_id(one)["temps-0"].table.rows[:2]
    assert first[0] == "18/11"
    assert "column=created&cell.day=2026-11-18" in first[1][0].href
    assert second[1][0] == ("0", "")


def test_what_is_split_by_has_its_words_and_counts_what_it_says() -> None:
    chart = by_id(shown("volumes", {"created": 3}))["selon"]
    assert [name for name, _ in chart.table.rows] == ["Messagerie", "Réseau"]
    assert chart.title == "Créés, par objet"
    assert isinstance(chart.drawing, charts.Bars)
    assert chart.described == "En tête\u00a0: Messagerie\u00a0: 3."


def test_a_known_error_stands_with_its_title() -> None:
    number = "E261106_0001"
    found = replace(
        answer("known-errors", ["known-error"], {(number,): {"time_lost": 90}, ("E261106_0002",): {"time_lost": 30}}),
        known_errors={number: "Messagerie lente"},
    )
    one = shown("known-errors", {})
    choice = replace(one.choice, split="known-error")
    one = Shown(one.item, choice, one.answers._replace(splits=found), labels_with(LABELS, found))
    said = [f"{number}, Messagerie lente", "E261106_0002"]
    chart = by_id(one)["selon"]
    assert [bar.label for bar in chart.drawing.bars] == said
    assert [name for name, _ in chart.table.rows] == said
    assert [name for name, _ in [*pages.tables_of(one)][-1].rows] == said
    assert list(detail.chosen({"known-error": number}, one.labels)) == [f"erreur connue\u00a0: {said[0]}"]


def test_two_periods_stand_beside_each_other_on_the_same_axis() -> None:
    found = by_id(shown("volumes", {"created": 3}, "year"))
    now, before = found["temps-0-0"], found["temps-0-1"]
    assert (now.is_full, before.is_full) == (False, False)
    assert now.drawing.rules == before.drawing.rules
    assert "2026" in now.title
    assert "2025" in before.title
    assert found["selon"].table.heads == ["Objet", "CREATED", "CREATED, avant"]
    messagerie, reseau = ([cell.text for cell in cells] for _, cells in found["selon"].table.rows)
    assert (messagerie, reseau) == (["3", "–"], ["3", "3"])


def test_columns_too_many_to_be_told_apart_are_lines() -> None:
    one = shown("volumes", {"created": 3})
    year = one._replace(choice=msgspec.structs.replace(one.choice, period=Period(date(2025, 11, 25), WEEK.end)))
    assert (by_id(one)["temps-0"].shape, by_id(year)["temps-0"].shape) == ("columns", "lines")


def test_days_on_which_nothing_was_measured_break_the_line() -> None:
    drawing = by_id(shown("times", {"take_median": 20, "take_p90": 90}))["temps-0"].drawing
    assert isinstance(drawing, charts.Lines)
    assert (drawing.strokes, len(drawing.alone)) == ([], 2)


def test_the_rhythm_is_a_map_of_weekdays_and_hours() -> None:
    chart = by_id(shown("rhythm", {"created": 4}))["heures"]
    assert len(chart.drawing.boxes) == 7 * 24
    assert chart.drawing.peak.title == "lundi, 8\u00a0h\u00a0: 4"
    name, cells = chart.table.rows[0]
    assert (name, cells[8].text) == ("lundi", "4")
    assert "cell.weekday=1&cell.hour=8" in cells[8].href


def test_a_map_tells_the_highest_also_where_they_are_several_and_nothing_where_there_is_none() -> None:
    one = shown("volumes", {"created": 2})
    rows = {(f"2026-11-{day}", "a"): {"created": 2} for day in range(18, 23)}
    several = one._replace(answers=one.answers._replace(crossed=answer("volumes", ["day", "subject"], rows)))
    said = by_id(several)["croise"].described
    assert said.startswith("Le plus haut\u00a0: Réseau, 18/11\u00a0: 2\u202f; ")
    assert said.endswith("et 2 de plus.")
    assert all(chart.is_empty for chart in by_id(shown("volumes", {})).values())


def test_the_days_of_the_week_stand_in_their_order() -> None:
    chart = by_id(shown("rhythm", {"created_per_open_day": 4.5}))["jours"]
    assert [name for name, _ in chart.table.rows][:2] == ["lundi", "mardi"]
    assert [cells[0].text for _, cells in chart.table.rows] == ["4,5", *"––––––"]


def test_a_report_that_nobody_thought_of_shows_its_first_columns() -> None:
    columns = [Column(name=name, label=name, unit="count") for name in "abcde"]
    sheet = sheet_of(ReportItem(name="new", title="Nouveau", about="", by=["day"], columns=columns, filters=[]))
    assert (sheet.figures, sheet.ranked) == (("a", "b", "c", "d"), "a")


def test_no_moment_is_left_out_and_nothing_is_none_where_it_is_no_count() -> None:
    lines = figures.by_moment(answer("times", ["day"], {("2026-11-20",): {"taken": 2}}), WEEK, "day")
    assert [line["taken"] for line in lines.values()] == [0, 0, 2, 0, 0, 0, 0]
    assert lines[WEEK.start]["take_median"] is None


def test_splits_come_highest_first_and_those_without_a_figure_last() -> None:
    rows: dict[tuple[str, ...], dict[str, Any]] = {
        ("a",): {"take_median": None},
        ("b",): {"take_median": 5},
        ("c",): {"take_median": 9},
    }
    found = figures.by_split(answer("times", ["subject"], rows), "subject", "take_median", {})
    assert [split.code for split in found] == ["c", "b", "a"]


def test_an_empty_report_counts_nothing() -> None:
    assert figures.total(answer("times", [], {}))["taken"] == 0
