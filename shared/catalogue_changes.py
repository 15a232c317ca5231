"""What events change of the catalogue, field by field: told before a file is applied, and in the history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from shared.catalogue import Catalogue
from shared.events.base import Event
from shared.events.catalogue import (
    CalendarDefined,
    CannedTextDefined,
    CannedTextRetired,
    GroupDefined,
    SubjectDefined,
    SubjectRetired,
)
from shared.wire.catalogue import FieldChange, ItemChange


class Part(NamedTuple):
    """A part of the catalogue.

    Attributes:
        what: its name in answers and files.
        key: the field of its events that holds a code.
        known: its definitions by code.
    """

    what: str
    key: str
    known: Callable[[Catalogue], Mapping[str, Event]]


_CALENDARS: Final = Part("calendar", "calendar", lambda catalogue: catalogue.calendars)
_GROUPS: Final = Part("group", "group", lambda catalogue: catalogue.groups)
_SUBJECTS: Final = Part("subject", "subject", lambda catalogue: catalogue.subjects)
_CANNED: Final = Part("canned", "canned", lambda catalogue: catalogue.canned)

#: The part that each event defines something of, or retires something from.
DEFINED: Final[Mapping[type[Event], Part]] = {
    CalendarDefined: _CALENDARS,
    GroupDefined: _GROUPS,
    SubjectDefined: _SUBJECTS,
    CannedTextDefined: _CANNED,
}
RETIRED: Final[Mapping[type[Event], Part]] = {SubjectRetired: _SUBJECTS, CannedTextRetired: _CANNED}


def changes(before: Catalogue, events: Iterable[Event]) -> list[ItemChange]:
    """What each event changes.

    Args:
        before: the catalogue before the first of them.
        events: of the catalogue, oldest first.
    """
    told = []
    for event in events:
        told.append(_change(before, event))
        before = before.evolve(event)
    return told


def _change(before: Catalogue, event: Event) -> ItemChange:
    part = DEFINED.get(type(event)) or RETIRED[type(event)]
    code = getattr(event, part.key)
    old = part.known(before).get(code)
    told = {"what": part.what, "code": code, "label": getattr(event, "label", getattr(old, "label", code))}
    if type(event) in RETIRED:
        return ItemChange(**told, action="retired", fields=[])
    return ItemChange(**told, action=_action(before, event, old), fields=_fields(old, event, part.key))


def _action(before: Catalogue, event: Event, old: Event | None) -> str:
    if old is None:
        return "defined"
    return "returned" if isinstance(event, SubjectDefined) and event.subject in before.retired else "changed"


def _fields(before: Event | None, after: Event, key: str) -> list[FieldChange]:
    old, new = _flat(before, key), _flat(after, key)
    return [
        FieldChange(field=name, before=old.get(name), after=new.get(name))
        for name in {**new, **old}
        if old.get(name) != new.get(name)
    ]


def _flat(definition: Event | None, key: str) -> dict[str, Any]:
    """The fields of a definition besides its code, nested ones with a dot."""
    fields = msgspec.to_builtins(definition) if definition else {}
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": item for inner, item in value.items()}
        elif name not in {"type", key}:
            flat[name] = value
    return flat
