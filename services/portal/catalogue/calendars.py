"""The form of a calendar: the hours of each weekday, public holidays, and further days without work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from services.portal.upstream.problems import FormField
from shared.wire.catalogue import CalendarDefinition

DAYS: Final[Mapping[str, str]] = {
    "mon": "Lundi",
    "tue": "Mardi",
    "wed": "Mercredi",
    "thu": "Jeudi",
    "fri": "Vendredi",
    "sat": "Samedi",
    "sun": "Dimanche",
}
FIELDS: Final[Mapping[str, FormField]] = {
    "label": FormField(anchor="libelle", label="Libellé", missing="Écrivez le nom du calendrier"),
    "open": FormField(anchor="mon", label="Heures", missing=""),
    **{f"open_{day}": FormField(anchor=day, label=label, missing="") for day, label in DAYS.items()},
    "holidays": FormField(anchor="feries", label="Jours fériés", missing=""),
    "closed": FormField(anchor="fermetures", label="Fermetures", missing=""),
    "timezone": FormField(anchor="fuseau", label="Fuseau horaire", missing="Écrivez un fuseau, comme Europe/Paris"),
}
_BETWEEN: Final = re.compile(r"[,;\s]+")


def typed(calendar: CalendarDefinition) -> dict[str, str]:
    """The fields as a form shows them."""
    return {
        "label": calendar.label,
        **{f"open_{day}": ", ".join(calendar.open.get(day, ())) for day in DAYS},
        "holidays": calendar.holidays or "",
        "closed": "\n".join(calendar.closed),
        "timezone": calendar.timezone,
    }


def body(fields: Mapping[str, str]) -> dict[str, Any]:
    """What intake is sent."""
    return {
        "label": fields["label"],
        "open": {day: _parts(fields[f"open_{day}"]) for day in DAYS},
        "holidays": fields["holidays"].strip() or None,
        "closed": _parts(fields["closed"]),
        "timezone": fields["timezone"],
    }


def _parts(text: str) -> list[str]:
    """What stands between commas or blanks; nothing that is looked for has any inside."""
    return [part for part in _BETWEEN.split(text) if part]
