"""What is wrong with definitions that were typed or read from a file, all of it at once, in French. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from shared.canned import checked
from shared.catalogue import Catalogue, CatalogueEvent
from shared.catalogue_changes import DEFINED
from shared.codes import code_fault
from shared.events.base import Event
from shared.events.catalogue import CalendarDefined, CannedTextDefined, GroupDefined, SubjectDefined
from shared.events.vocabulary import Urgency
from shared.http.problems import FieldError
from shared.working_time import WorkingTime

#: Minutes of about a year of working days; what takes longer has no target.
_LONGEST_TARGET: Final = 100_000

#: The fields of a definition as JSON has them, as far as they could be read.
Given = Mapping[str, Any]


def faults(known: Catalogue, goal: Catalogue, kind: type[Event], code: str, given: Given) -> Iterator[FieldError]:
    """What is wrong with a definition.

    Args:
        known: the catalogue as it stands.
        goal: that in which the definition is to hold.
        kind: its event.
        code: what it defines; one that is there already may be of any form.
        given: its fields.
    """
    if code not in DEFINED[kind].known(known) and (fault := code_fault(code)):
        yield FieldError("code", fault)
    if given.get("label", "").casefold() in set(_other_labels(goal, kind, code)):
        yield FieldError("label", "Ce libellé est déjà pris\u00a0: on ne les distinguerait pas.")
    yield from _JUDGES[kind](goal, given)


def file_faults(known: Catalogue, wanted: Sequence[CatalogueEvent]) -> Iterator[FieldError]:
    """What is wrong with a file, each definition judged as if it had been typed; fields as `subject.autre.label`.

    Args:
        known: the catalogue as it stands.
        wanted: what the file says.
    """
    goal = Catalogue.of(wanted)
    for event in wanted:
        if part := DEFINED.get(type(event)):
            code = getattr(event, part.key)
            for fault in faults(known, goal, type(event), code, msgspec.to_builtins(event)):
                yield FieldError(f"{part.what}.{code}.{fault.field}", fault.message)


def _other_labels(goal: Catalogue, kind: type[Event], code: str) -> Iterator[str]:
    """Labels of the others of that kind, without case; nobody has to tell retired subjects apart."""
    for other, definition in DEFINED[kind].known(goal).items():
        if other != code and not (kind is SubjectDefined and {code, other} & goal.retired):
            yield getattr(definition, "label", "").casefold()


def _calendar_faults(_: Catalogue, given: Given) -> Iterator[FieldError]:
    if "timezone" in given and not _can_be(timezone=given["timezone"]):
        yield FieldError("timezone", "Ce fuseau horaire n’existe pas. Exemple\u00a0: Europe/Paris.")
    if given.get("holidays") is not None and not _can_be(holidays=given["holidays"]):
        yield FieldError("holidays", "Les jours fériés de ce pays ne sont pas connus. Exemples\u00a0: FR, FR-57.")
    for day, hours in given.get("open", {}).items():
        if wrong := [text for text in hours if not _can_be(open={day: [text]})]:
            message = f"«\u00a0{wrong[0]}\u00a0» ne se lit pas. Des heures s’écrivent comme 08:00-12:30."
            yield FieldError(f"open.{day}", message)
    if "open" in given and not any(given["open"].values()):
        yield FieldError("open", "Un calendrier sans heures ne compterait aucun délai.")
    if wrong := [text for text in given.get("closed", ()) if not _can_be(closed=[text])]:
        examples = "12-24, 2026-12-24, 2026-12-21/2027-01-03 ou easter+1"
        yield FieldError("closed", f"«\u00a0{wrong[0]}\u00a0» n’est pas un jour. Écrivez-le comme {examples}.")


def _can_be(**said: Any) -> bool:
    """Whether a calendar can say this."""
    plain = {"calendar": "", "label": "", "timezone": "Europe/Paris", "open": {}} | said
    try:
        WorkingTime(msgspec.convert(plain, CalendarDefined))
    except ValueError:  # what msgspec raises is one
        return False
    return True


def _group_faults(goal: Catalogue, given: Given) -> Iterator[FieldError]:
    if "calendar" in given and given["calendar"] not in goal.calendars:
        yield FieldError("calendar", "Ce calendrier n’existe pas.")


def _subject_faults(goal: Catalogue, given: Given) -> Iterator[FieldError]:
    if "group" in given and given["group"] not in goal.groups:
        yield FieldError("group", "Ce groupe n’existe pas.")
    take, resolve = given.get("take", {}), given.get("resolve", {})
    for field, targets in (("take", take), ("resolve", resolve)):
        for urgency, minutes in targets.items():
            if not 1 <= minutes <= _LONGEST_TARGET:
                yield FieldError(f"{field}.{urgency}", "Un délai va d’une minute à 1\u202f666 heures ouvrées.")
    for urgency in Urgency:
        if take and resolve and resolve[urgency] < take[urgency]:
            message = "Un incident n’est pas résolu avant d’être pris en compte\u00a0: ce délai est trop court."
            yield FieldError(f"resolve.{urgency}", message)


def _canned_faults(goal: Catalogue, given: Given) -> Iterator[FieldError]:
    try:
        checked(given.get("text", ""))
    except ValueError as error:
        yield FieldError("text", str(error))
    if not set(given.get("subjects", ())) <= set(goal.subjects):
        yield FieldError("subjects", "Un de ces objets n’existe pas.")
    if not set(given.get("groups", ())) <= set(goal.groups):
        yield FieldError("groups", "Un de ces groupes n’existe pas.")


#: What is judged of each kind besides its code and label, given the catalogue in which it is to hold.
_JUDGES: Final[Mapping[type[Event], Callable[[Catalogue, Given], Iterator[FieldError]]]] = {
    CalendarDefined: _calendar_faults,
    GroupDefined: _group_faults,
    SubjectDefined: _subject_faults,
    CannedTextDefined: _canned_faults,
}
