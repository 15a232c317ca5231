"""Reports as the contract describes them, for the tests of their pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from shared.wire.reports import Column, Report, ReportItem

DAYS: Final = ["day", "week", "month", "year", "school-year"]
SPLITS: Final = ["subject", "group", "urgency", "origin", "kind"]
#: The columns of each report with their units.
COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "volumes": dict.fromkeys(("created", "taken", "resolved", "closed"), "count"),
    "backlog": {
        **dict.fromkeys(("open", "to_handle", "in_progress", "on_hold"), "count"),
        **dict.fromkeys(("age_median", "age_p90"), "minutes"),
        **dict.fromkeys(("older_7_days", "older_30_days"), "count"),
    },
    "times": {
        "taken": "count",
        **{f"{what}_{rank}": "minutes" for what in ("take", "take_clock") for rank in ("median", "p90", "p99")},
        "resolved": "count",
        **{f"{what}_{rank}": "minutes" for what in ("resolve", "resolve_clock") for rank in ("median", "p90", "p99")},
    },
    "targets": {
        f"{what}_{name}": unit
        for what in ("take", "resolve")
        for name, unit in (
            ("met", "count"),
            ("missed", "count"),
            ("met_share", "share"),
            ("late_median", "minutes"),
            ("late_p90", "minutes"),
        )
    },
    "resolution": {
        "resolved": "count",
        **{
            name: unit
            for what in ("first_contact", "refused", "reopened")
            for name, unit in ((what, "count"), (f"{what}_share", "share"))
        },
    },
    "transfers": {
        **dict.fromkeys(("incidents", "transferred", "transfers"), "count"),
        "per_incident": "average",
        "transferred_share": "share",
    },
    "rhythm": {**dict.fromkeys(("created", "taken", "resolved"), "count"), "created_per_open_day": "average"},
    "repeats": {
        **dict.fromkeys(("requesters", "repeat_requesters", "incidents", "repeat_incidents"), "count"),
        "repeat_share": "share",
    },
    "known-errors": {"incidents": "count", "resolved": "count", "time_lost": "minutes"},
    "notifications": {**dict.fromkeys(("sent", "late", "failed", "bounced"), "count"), "delay_median": "minutes"},
    "satisfaction": {
        "ratings": "count",
        "average": "average",
        "satisfied_share": "share",
        **dict.fromkeys(("r1", "r2", "r3", "r4", "r5", "comments"), "count"),
    },
}
MORE: Final = {"rhythm": ["weekday", "hour"], "known-errors": ["known-error"], "notifications": ["message"]}


def columns_of(name: str) -> list[Column]:
    """The figures of a report."""
    return [Column(name=column, label=column.upper(), unit=unit) for column, unit in COLUMNS[name].items()]


def item(name: str) -> ReportItem:
    """A report as it is listed."""
    by = [*DAYS, *SPLITS, *MORE.get(name, [])]
    return ReportItem(name=name, title=name, about="Dit.", by=by, columns=columns_of(name), filters=SPLITS)


def answer(name: str, by: Sequence[str], rows: Mapping[tuple[str | int | None, ...], Mapping[str, Any]]) -> Report:
    """A report split by some axes; figures that a row does not say are nought, or null where they are no counts."""
    axes = [Column(name=axis, label=axis, unit="code") for axis in by]
    columns = columns_of(name)
    cells = [
        [*codes, *(said.get(column.name, 0 if column.unit == "count" else None) for column in columns)]
        for codes, said in rows.items()
    ]
    day = date(2026, 11, 24)
    return Report(name=name, title=name, from_=day, to=day, by=list(by), columns=[*axes, *columns], rows=cells)
