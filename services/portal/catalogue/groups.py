"""The form of a group: its label, its address, its hours, and whether programs answer for it too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.portal.upstream.problems import FormField
from shared.wire.catalogue import GroupDefinition

FIELDS: Final[Mapping[str, FormField]] = {
    "label": FormField(anchor="libelle", label="Libellé", missing="Écrivez le nom de l’équipe"),
    "mail": FormField(anchor="mel", label="Adresse", missing="Écrivez l’adresse de l’équipe"),
    "calendar": FormField(anchor="calendrier", label="Calendrier", missing="Choisissez ses heures de travail"),
    "programs": FormField(anchor="programmes", label="Programmes", missing=""),
}


def typed(group: GroupDefinition) -> dict[str, str]:
    """The fields as a form shows them."""
    return {
        "label": group.label,
        "mail": group.mail,
        "calendar": group.calendar,
        "programs": "oui" if group.programs else "",
    }


def body(fields: Mapping[str, str]) -> dict[str, Any]:
    """What intake is sent."""
    said: dict[str, Any] = {name: fields[name] for name in ("label", "mail", "calendar")}
    return said | {"programs": fields["programs"] == "oui"}
