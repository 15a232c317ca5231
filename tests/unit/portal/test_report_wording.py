"""Figures are written as French people write them, and compared in words that say whether that is good."""

import pytest

from services.portal.reports import wording
from services.portal.reports.wording import Change, Value


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1612, "count", "1\u202f612"),
        (0, "count", "0"),
        (None, "count", "–"),
        (0.943, "share", "94,3\u00a0%"),
        (0.94, "share", "94\u00a0%"),
        (1, "share", "100\u00a0%"),
        (0, "share", "0\u00a0%"),
        (320, "minutes", "5\u00a0h\u00a020"),
        (125.4, "minutes", "2\u00a0h\u00a005"),
        (40, "minutes", "40\u00a0min"),
        (100, "average", "100"),
        (4.25, "average", "4,25"),
        (4.2, "average", "4,2"),
        ("2026", "label", "2026"),
    ],
)
def test_a_figure_is_written_by_its_unit(value: Value, unit: str, expected: str) -> None:
    assert wording.written(value, unit) == expected


def test_a_figure_below_nought_and_a_large_one_are_french_too() -> None:
    assert (wording.decimal(-1.5), wording.decimal(12000.5)) == ("−1,5", "12\u202f000,5")


@pytest.mark.parametrize(
    ("column", "unit", "now", "before", "expected"),
    [
        ("created", "count", 1040, 1000, Change("1\u202f000", "+4\u00a0%", "")),
        ("created", "count", 50, 100, Change("100", "−50\u00a0%", "")),
        ("created", "count", 5, 0, Change("0", "", "")),
        ("created", "count", 1957, 31, Change("31", "63 fois plus", "")),
        ("created", "count", 5, 5, Change("5", "", "")),
        ("open", "count", 5, 10, Change("10", "−50\u00a0%", "better")),
        ("take_met_share", "share", 0.94, 0.91, Change("91\u00a0%", "3\u00a0points de plus", "better")),
        ("reopened_share", "share", 0.034, 0.028, Change("2,8\u00a0%", "0,6\u00a0point de plus", "worse")),
        ("resolve_median", "minutes", 320, 360, Change("6\u00a0h", "40\u00a0min de moins", "better")),
        ("resolve_clock_p99", "minutes", 400, 360, Change("6\u00a0h", "40\u00a0min de plus", "worse")),
        ("average", "average", 4.5, 4.2, Change("4,2", "0,3 de plus", "better")),
        ("average", "average", None, 4.2, None),
        ("average", "average", 4.2, None, None),
    ],
)
def test_a_figure_is_compared_in_words(
    column: str, unit: str, now: Value, before: Value, expected: Change | None
) -> None:
    assert wording.change(column, unit, now, before) == expected


@pytest.mark.parametrize(
    ("axis", "code", "expected"),
    [
        ("subject", "reseau.wifi", "Réseau\u00a0: Wi-Fi"),
        ("subject", "gone", "gone"),
        ("group", None, "Sans équipe"),
        ("group", "", "Sans équipe"),
        ("urgency", "high", "Élevée"),
        ("message", "reply", "Réponse"),
        ("weekday", "1", "lundi"),
        ("hour", 8, "8\u00a0h"),
        ("known-error", "E261106_0001", "E261106_0001, Titre : tel quel"),
        ("known-error", "E261106_0002", "E261106_0002"),
    ],
)
def test_the_values_of_an_axis_have_words(axis: str, code: Value, expected: str) -> None:
    labels = {"reseau.wifi": "Réseau : Wi-Fi", "E261106_0001": "E261106_0001, Titre : tel quel"}
    assert wording.label(axis, code, labels) == expected


def test_axes_have_names() -> None:
    assert [wording.axis_name(axis) for axis in ("subject", "weekday", "other")] == [
        "Objet",
        "Jour de la semaine",
        "other",
    ]
