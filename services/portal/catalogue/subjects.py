"""The form of a subject: its label, what it is about, who answers, and how soon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.portal.catalogue import durations
from services.portal.upstream.problems import FormField
from shared.events.vocabulary import Urgency
from shared.wire.catalogue import SubjectDefinition

#: The two targets of a subject, each for every urgency.
TARGETS: Final[Mapping[str, str]] = {"take": "Prise en compte", "resolve": "Résolution"}

FIELDS: Final[Mapping[str, FormField]] = {
    "label": FormField(anchor="libelle", label="Libellé", missing="Écrivez ce que les demandeurs choisiront"),
    "kind": FormField(anchor="type", label="Type", missing="Choisissez de quoi il s’agit"),
    "group": FormField(anchor="equipe", label="Équipe", missing="Choisissez qui répond"),
    **{
        f"{target}_{urgency}": FormField(
            anchor=f"{target}-{urgency}", label=f"{words}, urgence {urgency.label.lower()}", missing="Indiquez un délai"
        )
        for target, words in TARGETS.items()
        for urgency in Urgency
    },
}


def typed(subject: SubjectDefinition) -> dict[str, str]:
    """The fields as a form shows them."""
    fields = {"label": subject.label, "kind": subject.kind.value, "group": subject.group}
    for target in TARGETS:
        for urgency, minutes in getattr(subject, target).items():
            fields[f"{target}_{urgency}_h"], fields[f"{target}_{urgency}_m"] = durations.split(minutes)
    return fields


def body(fields: Mapping[str, str]) -> dict[str, Any]:
    """What intake is sent."""
    said: dict[str, Any] = {name: fields[name] for name in ("label", "kind", "group")}
    for target in TARGETS:
        read = {urgency: _minutes(fields, f"{target}_{urgency}") for urgency in Urgency}
        said[target] = {urgency: minutes for urgency, minutes in read.items() if minutes is not None}
    return said


def _minutes(fields: Mapping[str, str], name: str) -> int | str | None:
    return durations.read(fields[f"{name}_h"], fields[f"{name}_m"])
