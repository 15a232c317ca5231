"""Figures in French: counts, shares, durations and averages, what they changed by, and whether that is good. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from services.portal.look.typography import duration, thousands
from services.portal.reports.choice import SPLITS
from shared.events.vocabulary import Kind, Message, Origin, Urgency
from shared.typography import NBSP, french
from shared.wire.reports import Column

Value = str | int | float | None

NOTHING: Final = "–"
#: Labels of the codes that never change, by axis.
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    name: {code.value: code.label for code in codes}
    for name, codes in (("urgency", Urgency), ("origin", Origin), ("kind", Kind), ("message", Message))
}
WEEKDAYS: Final = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
#: What an axis has no value for.
_ABSENT: Final = {"group": "Sans équipe", "known-error": "Sans erreur connue"}
#: Figures that should go up, and those that should go down; of the others nobody can say.
UPWARDS: Final = frozenset({"take_met", "resolve_met", "take_met_share", "resolve_met_share", "first_contact",
    "first_contact_share", "average", "satisfied_share"})  # fmt: skip
DOWNWARDS: Final = frozenset({"open", "to_handle", "older_7_days", "older_30_days", "age_median", "age_p90",
    "take_missed", "resolve_missed", "refused", "refused_share", "reopened", "reopened_share", "transfers",
    "transferred", "per_incident", "transferred_share", "repeat_requesters", "repeat_incidents", "repeat_share",
    "time_lost", "late", "failed", "bounced", "delay_median"})  # fmt: skip
#: A count that grew by more than so many times itself is not told in hundredths.
_TIMES: Final = 10
#: Endings of the names of durations, all of which should go down.
_DURATIONS: Final = ("_median", "_p90", "_p99")


class Change(NamedTuple):
    """A figure beside an earlier one: what it was, by how much it changed, and whether that is good."""

    before: str
    by: str
    mood: Literal["better", "worse", ""]


def written(value: Value, unit: str) -> str:
    """A figure: `1 612`, `94,3 %`, `5 h 20`, `4,2`; a dash where there was nothing to compute it from."""
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return value
    match unit:
        case "share":
            return f"{decimal(100 * value)}{NBSP}%"
        case "minutes":
            return duration(round(value))
        case "average":
            return decimal(value, 2)
        case _:
            return thousands(round(value))


def decimal(value: float, places: int = 1) -> str:
    """`3,4`, `94`: as many decimals as are not nought."""
    text = f"{value:,.{places}f}".rstrip("0").rstrip(".") if places else f"{value:,.0f}"
    return text.replace(",", "\u202f").replace(".", ",").replace("-", "−")


def change(column: str, unit: str, now: Value, before: Value) -> Change | None:
    """A figure beside that of the period it is compared with; None where there is nothing to compare.

    Args:
        column: its name, which says in which direction it should go.
        unit: of both.
        now: the figure.
        before: the other one.
    """
    if not isinstance(now, int | float) or not isinstance(before, int | float):
        return None
    mood: Literal["better", "worse", ""] = ""
    if now != before and _direction(column):
        mood = "better" if (now > before) == (_direction(column) > 0) else "worse"
    return Change(written(before, unit), _difference(unit, now, before), mood)


def _direction(column: str) -> int:
    if column in UPWARDS:
        return 1
    return -1 if column in DOWNWARDS or column.endswith(_DURATIONS) else 0


def _difference(unit: str, now: float, before: float) -> str:
    """`+4 %`, `64 fois plus`, `3 points de plus`, `40 min de moins`; empty where no change can be seen."""
    more = "de plus" if now > before else "de moins"
    size = abs(now - before)
    match unit:
        case "share":
            points = decimal(100 * size)
            return "" if points == "0" else f"{points}{NBSP}point{'s' if 100 * size >= 2 else ''} {more}"  # noqa: PLR2004 - the French plural
        case "minutes":
            return f"{duration(round(size))} {more}" if round(size) else ""
        case "average":
            return "" if decimal(size, 2) == "0" else f"{decimal(size, 2)} {more}"
        case _:
            share = round(100 * (now - before) / before) if before else 0
            if share > _TIMES * 100:
                return f"{thousands(round(now / before))} fois plus"
            return f"{'+' if share > 0 else '−'}{thousands(abs(share))}{NBSP}%" if share else ""


def label(axis: str, code: Value, labels: Mapping[str, str]) -> str:
    """The French word of a value of an axis.

    Args:
        axis: what the figures are split by.
        code: the value; None or empty where there is none.
        labels: words of the codes that the catalogue knows.
    """
    text = "" if code is None else str(code)
    if not text:
        return _ABSENT.get(axis, "Sans valeur")
    if axis == "weekday":
        return WEEKDAYS[int(text) - 1]
    if axis == "hour":
        return f"{int(text)}{NBSP}h"
    word = WORDS.get(axis, labels).get(text, text)
    return word if axis == "known-error" else french(word)


def head(column: Column) -> str:
    """What a column is called."""
    return french(column.label)


def axis_name(axis: str) -> str:
    """`Objet`, `Jour de la semaine`."""
    return SPLITS.get(axis) or {"weekday": "Jour de la semaine", "hour": "Heure"}.get(axis, axis)
