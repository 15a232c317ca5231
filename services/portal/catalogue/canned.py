"""The form of a canned text: its words, and for which incidents agents are offered it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.portal.upstream.problems import FormField
from shared.wire.agents import CannedText

FIELDS: Final[Mapping[str, FormField]] = {
    "label": FormField(anchor="libelle", label="Libellé", missing="Écrivez ce que les agents choisiront"),
    "text": FormField(anchor="texte", label="Texte", missing="Écrivez le texte"),
    "subjects": FormField(anchor="objets", label="Objets", missing=""),
    "groups": FormField(anchor="equipes", label="Équipes", missing=""),
}


def typed(canned: CannedText) -> dict[str, str]:
    """The fields as a form shows them; each box that is ticked stands on a line of its own."""
    return {
        "label": canned.label,
        "text": canned.text,
        "subjects": "\n".join(canned.subjects),
        "groups": "\n".join(canned.groups),
    }


def body(fields: Mapping[str, str]) -> dict[str, Any]:
    """What intake is sent."""
    chosen = {name: fields[name].split("\n") if fields[name] else [] for name in ("subjects", "groups")}
    return {"label": fields["label"], "text": fields["text"], **chosen}
