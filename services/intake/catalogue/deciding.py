"""What a change of the catalogue makes happen. Pure; what is wrong with a definition is said by `judging`."""

from __future__ import annotations

from collections.abc import Sequence

from services.intake.incident.deciding import Refusal
from shared.catalogue import Catalogue, CatalogueEvent
from shared.events.base import Event, Person
from shared.events.catalogue import CannedTextRetired, CatalogueChanged, SubjectRetired
from shared.http.problems import not_found


def changed(by: Person, reason: str, events: Sequence[CatalogueEvent]) -> tuple[Event, ...]:
    """The events of a change, led by who made it and why.

    Raises:
        Refusal: nothing changes.
    """
    if not events:
        raise Refusal("unchanged", "Le catalogue dit déjà cela\u00a0: il n’y a rien à changer.")
    return (CatalogueChanged(by=by, reason=reason), *events)


def define(known: Catalogue, definition: CatalogueEvent) -> list[CatalogueEvent]:
    """What is defined as it is from now on; a subject can be chosen after it, had it been retired or not."""
    return [] if known.evolve(definition) == known else [definition]


def retire_subject(known: Catalogue, code: str) -> list[CatalogueEvent]:
    """A subject that can no longer be chosen.

    Raises:
        Problem: 404, there is none.
        Refusal: it was retired before.
    """
    if code not in known.subjects:
        raise not_found("Cet objet n’existe pas.")
    if code in known.retired:
        raise Refusal("retired", "Cet objet n’est déjà plus proposé.")
    return [SubjectRetired(subject=code)]


def retire_canned_text(known: Catalogue, code: str) -> list[CatalogueEvent]:
    """A canned text that is no longer offered.

    Raises:
        Problem: 404, there is none, or no longer.
    """
    if code not in known.canned:
        raise not_found("Ce texte type n’existe pas, ou n’est plus proposé.")
    return [CannedTextRetired(canned=code)]
