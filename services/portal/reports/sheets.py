"""What the page of each report shows first, and how it is drawn; a report without a sheet shows its first columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from shared.wire.reports import ReportItem

Shape = Literal["columns", "stacked", "lines"]


class Drawn(NamedTuple):
    """A chart over time: its title without the unit of time, its form, its columns, each of the same unit."""

    title: str
    shape: Shape
    columns: tuple[str, ...]


class Sheet(NamedTuple):
    """The page of a report.

    Attributes:
        figures: columns whose totals stand at the head.
        drawn: charts over time.
        ranked: the column by which subjects, groups… are ranked, and what that chart is called.
    """

    figures: tuple[str, ...]
    drawn: tuple[Drawn, ...]
    ranked: str
    ranking: str


SHEETS: Final[Mapping[str, Sheet]] = {
    "volumes": Sheet(
        ("created", "taken", "resolved", "closed"),
        (Drawn("Créés et résolus", "columns", ("created", "resolved")),),
        "created",
        "Créés",
    ),
    "backlog": Sheet(
        ("open", "age_median", "age_p90", "older_7_days", "older_30_days"),
        (
            Drawn("Incidents ouverts", "stacked", ("in_progress", "on_hold", "to_handle")),
            Drawn("Âge des incidents ouverts", "lines", ("age_median", "age_p90")),
        ),
        "open",
        "Incidents ouverts",
    ),
    "times": Sheet(
        ("take_median", "take_p90", "resolve_median", "resolve_p90"),
        (
            Drawn("Jusqu’à la prise en compte, en temps ouvré", "lines", ("take_median", "take_p90")),
            Drawn("Jusqu’à la résolution, en temps ouvré", "lines", ("resolve_median", "resolve_p90")),
        ),
        "resolve_median",
        "Résolution médiane, en temps ouvré",
    ),
    "targets": Sheet(
        ("take_met_share", "take_late_median", "resolve_met_share", "resolve_late_median"),
        (
            Drawn("Objectifs tenus", "lines", ("take_met_share", "resolve_met_share")),
            Drawn("Résolutions dans le délai et hors délai", "stacked", ("resolve_met", "resolve_missed")),
        ),
        "resolve_missed",
        "Résolutions hors délai",
    ),
    "resolution": Sheet(
        ("resolved", "first_contact_share", "refused_share", "reopened_share"),
        (Drawn("Parts des incidents résolus", "lines", ("first_contact_share", "refused_share", "reopened_share")),),
        "first_contact_share",
        "Résolus au premier contact",
    ),
    "transfers": Sheet(
        ("incidents", "transferred_share", "transfers", "per_incident"),
        (Drawn("Transferts", "columns", ("transfers",)),),
        "transferred_share",
        "Part des incidents transférés",
    ),
    "rhythm": Sheet(
        ("created", "created_per_open_day", "taken", "resolved"),
        (Drawn("Créés et résolus", "columns", ("created", "resolved")),),
        "created",
        "Créés",
    ),
    "repeats": Sheet(
        ("requesters", "repeat_requesters", "repeat_incidents", "repeat_share"),
        (Drawn("Incidents répétés", "columns", ("repeat_incidents",)),),
        "repeat_incidents",
        "Incidents répétés",
    ),
    "known-errors": Sheet(
        ("incidents", "resolved", "time_lost"),
        (Drawn("Incidents liés à une erreur connue", "columns", ("incidents", "resolved")),),
        "time_lost",
        "Temps perdu",
    ),
    "notifications": Sheet(
        ("sent", "late", "failed", "bounced", "delay_median"),
        (
            Drawn("Courriels remis", "columns", ("sent",)),
            Drawn("Courriels en retard, en échec ou revenus", "stacked", ("late", "failed", "bounced")),
        ),
        "sent",
        "Courriels remis",
    ),
    "satisfaction": Sheet(
        ("ratings", "average", "satisfied_share", "comments"),
        (
            Drawn("Note moyenne", "lines", ("average",)),
            Drawn("Notes de 1 à 5", "stacked", ("r1", "r2", "r3", "r4", "r5")),
        ),
        "average",
        "Note moyenne",
    ),
}


def sheet_of(item: ReportItem) -> Sheet:
    """How a report is shown; one that nobody thought of shows its first columns."""
    if item.name in SHEETS:
        return SHEETS[item.name]
    columns = [column.name for column in item.columns]
    return Sheet(tuple(columns[:4]), (Drawn(item.title, "columns", tuple(columns[:1])),), columns[0], item.title)
