"""The parts of the catalogue, each with its form and its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.portal.catalogue import calendars, canned, groups, subjects
from services.portal.upstream.problems import FormField
from shared.events.vocabulary import Urgency
from shared.wire.catalogue import CatalogueState

_CODE: Final = FormField(anchor="code", label="Code", missing="Choisissez un code, qui ne changera plus")
_REASON: Final = FormField(anchor="motif", label="Motif", missing="Dites pourquoi, pour l’historique")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the catalogue.

    Attributes:
        path: in the addresses of pages.
        route: in those of intake.
        what: in answers; also the field of a definition that holds its code.
        title, new, saved: what it is called, and what is said of a new one and of one that was saved.
        blank: the controls of a new one, as far as they are not empty.
        fields: of the form, as problems name them.
        inputs: names of its controls.
        definitions: those that there are.
        typed: the controls of a definition.
        body: what intake is sent of the controls.
    """

    path: str
    route: str
    what: str
    title: str
    new: str
    saved: str
    fields: Mapping[str, FormField]
    inputs: frozenset[str]
    blank: Mapping[str, str] = field(default_factory=dict)
    definitions: Callable[[CatalogueState], list[Any]]
    typed: Callable[[Any], dict[str, str]]
    body: Callable[[Mapping[str, str]], dict[str, Any]]

    @property
    def names(self) -> frozenset[str]:
        """Names of all controls, those of every part among them."""
        return self.inputs | {"code", "reason"}

    @property
    def problems(self) -> dict[str, FormField]:
        """The fields in the order of the page, those of every part among them."""
        return {"code": _CODE, **self.fields, "reason": _REASON}

    def find(self, state: CatalogueState, code: str) -> Any | None:
        """The definition of a code; None where there is none."""
        return next((one for one in self.definitions(state) if getattr(one, self.what) == code), None)


_TARGETS: Final = frozenset(
    f"{target}_{urgency}_{unit}" for target in subjects.TARGETS for urgency in Urgency for unit in ("h", "m")
)

SUBJECTS: Final = Part(
    path="objets",
    route="subjects",
    what="subject",
    title="Objet",
    new="Nouvel objet",
    saved="L’objet est enregistré.",
    fields=subjects.FIELDS,
    inputs=frozenset({"label", "kind", "group"}) | _TARGETS,
    definitions=lambda state: state.subjects,
    typed=subjects.typed,
    body=subjects.body,
)
GROUPS: Final = Part(
    path="equipes",
    route="groups",
    what="group",
    title="Équipe",
    new="Nouvelle équipe",
    saved="L’équipe est enregistrée.",
    fields=groups.FIELDS,
    inputs=frozenset(groups.FIELDS),
    definitions=lambda state: state.groups,
    typed=groups.typed,
    body=groups.body,
)
CALENDARS: Final = Part(
    path="calendriers",
    route="calendars",
    what="calendar",
    title="Calendrier",
    new="Nouveau calendrier",
    saved="Le calendrier est enregistré.",
    fields=calendars.FIELDS,
    inputs=frozenset(calendars.FIELDS) - {"open"},
    blank={"timezone": "Europe/Paris", "holidays": "FR"},
    definitions=lambda state: state.calendars,
    typed=calendars.typed,
    body=calendars.body,
)
CANNED: Final = Part(
    path="textes",
    route="canned-texts",
    what="canned",
    title="Texte type",
    new="Nouveau texte type",
    saved="Le texte type est enregistré.",
    fields=canned.FIELDS,
    inputs=frozenset(canned.FIELDS),
    definitions=lambda state: state.canned_texts,
    typed=canned.typed,
    body=canned.body,
)
PARTS: Final[Mapping[str, Part]] = {part.path: part for part in (SUBJECTS, GROUPS, CALENDARS, CANNED)}
#: Those that can be offered no longer.
RETIRABLE: Final = frozenset({SUBJECTS.path, CANNED.path})
