"""What changed in the catalogue, as pages say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from services.portal.catalogue.calendars import DAYS
from services.portal.catalogue.parts import PARTS
from services.portal.catalogue.subjects import TARGETS
from services.portal.look.typography import duration
from shared.events.vocabulary import Kind, Urgency
from shared.wire.catalogue import CatalogueState, FieldChange, ItemChange

_NOTHING: Final = "–"
_FIELDS: Final[Mapping[str, str]] = {
    "label": "Libellé",
    "kind": "Type",
    "group": "Équipe",
    "mail": "Adresse",
    "calendar": "Calendrier",
    "programs": "Programmes",
    "timezone": "Fuseau horaire",
    "holidays": "Jours fériés",
    "closed": "Fermetures",
    "text": "Texte",
    "subjects": "Objets",
    "groups": "Équipes",
    **{f"open.{day}": label for day, label in DAYS.items()},
    **{
        f"{target}.{urgency}": f"{words}, urgence {urgency.label.lower()}"
        for target, words in TARGETS.items()
        for urgency in Urgency
    },
}
_TITLES: Final = {part.what: part.title for part in PARTS.values()}
#: By what was done: for what is feminine in French, and otherwise.
_ACTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "defined": ("ajoutée", "ajouté"),
    "changed": ("modifiée", "modifié"),
    "retired": ("retirée", "retiré"),
    "returned": ("de nouveau proposée", "de nouveau proposé"),
}


class Told(NamedTuple):
    """A change in words: `Objet « Réseau : Wi-Fi » modifié`, and each field that changed with both values."""

    title: str
    label: str
    action: str
    fields: list[tuple[str, str, str]]


def told(changes: Sequence[ItemChange], state: CatalogueState) -> list[Told]:
    """Changes in words.

    Args:
        changes: as intake and query give them.
        state: the catalogue, for labels of what they name.
    """
    labels = _labels(state)
    return [
        Told(
            _TITLES[change.what],
            change.label,
            _ACTIONS[change.action][change.what != "group"],
            [_field(field, labels) for field in change.fields],
        )
        for change in changes
    ]


def _labels(state: CatalogueState) -> dict[str, dict[str, str]]:
    """Labels by code, by the field that holds such codes."""
    groups = {group.group: group.label for group in state.groups}
    subjects = {subject.subject: subject.label for subject in state.subjects}
    calendars = {calendar.calendar: calendar.label for calendar in state.calendars}
    kinds = {kind.value: kind.label for kind in Kind}
    return {"kind": kinds, "group": groups, "groups": groups, "subjects": subjects, "calendar": calendars}


def _field(change: FieldChange, labels: Mapping[str, Mapping[str, str]]) -> tuple[str, str, str]:
    known = labels.get(change.field, {})
    before, after = (_value(value, known) for value in (change.before, change.after))
    return _FIELDS.get(change.field, change.field), before, after


def _value(value: Any, labels: Mapping[str, str]) -> str:
    if value in (None, [], ""):
        return _NOTHING
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int):
        return duration(value)
    if isinstance(value, list):
        return ", ".join(labels.get(one, one) for one in value)
    return labels.get(value, value)
