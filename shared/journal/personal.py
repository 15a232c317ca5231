"""Which parts of an event tell something about somebody, and about whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from shared.events.base import Event, Person

#: Makes one text from another: whose it is, where it stands (`requester.name`), the text.
Change = Callable[[UUID, str, str], str]


class Places(NamedTuple):
    """Names of the fields of a class that are personal text, and of those that hold a `Person`."""

    texts: tuple[str, ...]
    persons: tuple[str, ...]


def _holds(kind: msgspec.inspect.Type, test: Callable[[msgspec.inspect.Type], bool]) -> bool:
    if isinstance(kind, msgspec.inspect.UnionType):
        return any(_holds(part, test) for part in kind.types)
    return test(kind)


def _is_personal(kind: msgspec.inspect.Type) -> bool:
    return isinstance(kind, msgspec.inspect.Metadata) and bool((kind.extra or {}).get("personal"))


def _is_person(kind: msgspec.inspect.Type) -> bool:
    return isinstance(kind, msgspec.inspect.StructType) and kind.cls is Person


@cache
def places(event: type[msgspec.Struct]) -> Places:
    """Where the personal parts of a class stand; worked out once a class."""
    info = msgspec.inspect.type_info(event)
    fields = info.fields if isinstance(info, msgspec.inspect.StructType) else ()
    return Places(
        texts=tuple(field.name for field in fields if _holds(field.type, _is_personal)),
        persons=tuple(field.name for field in fields if _holds(field.type, _is_person)),
    )


def people_in(event: Event, owner: UUID | None) -> Iterator[UUID]:
    """Everybody whose key the texts of an event need; somebody may come twice."""
    where = places(type(event))
    if owner is not None and where.texts:
        yield owner
    for name in where.persons:
        if (person := getattr(event, name)) is not None:
            yield person.id


def change_texts(event: Event, owner: UUID | None, change: Change) -> Event:
    """The same event with each personal text replaced.

    Args:
        event: the event.
        owner: whose the texts are that do not stand in a `Person`.
        change: makes the new text; not called where there is none.

    Raises:
        ValueError: the event has personal text and no owner.
    """
    where = places(type(event))
    values: dict[str, Any] = _changed(event, owner, "", change)
    for name in where.persons:
        if (person := getattr(event, name)) is not None:
            values[name] = msgspec.structs.replace(person, **_changed(person, person.id, f"{name}.", change))
    return msgspec.structs.replace(event, **values) if values else event


def _changed(struct: msgspec.Struct, owner: UUID | None, path: str, change: Change) -> dict[str, str]:
    values = {}
    for name in places(type(struct)).texts:
        if (text := getattr(struct, name)) is not None:
            if owner is None:
                raise ValueError(f"{type(struct).__name__} has personal text and nobody to whom it belongs")
            values[name] = change(owner, path + name, text)
    return values
