"""What a column of an exported table is: its type, its unit, what it means, and which events say it.

A row is a struct; its fields say all that, so that files, dictionary and code cannot differ.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from shared.events.base import Event
from shared.events.registry import type_and_schema

#: What each type of Python is called.
_TYPES: Final[dict[Any, str]] = {str: "text", int: "integer", float: "decimal", datetime: "instant"}


class Column(NamedTuple):
    """A column.

    Attributes:
        type: `text`, `integer`, `decimal` or `instant`.
        unit: what it counts, or what its words are; empty where that says nothing.
        meaning: in French.
        sources: names of the events that it comes from; none for all of them.
        required: whether each row has a value.
    """

    name: str
    type: str
    unit: str
    meaning: str
    sources: tuple[str, ...]
    required: bool


def told(meaning: str, *sources: type[Event], unit: str = "") -> msgspec.Meta:
    """What is said of a column, beside its type."""
    names = [type_and_schema(source)[0] for source in sources]
    return msgspec.Meta(description=meaning, extra={"unit": unit, "sources": names})


@cache
def columns_of(row: type[msgspec.Struct]) -> tuple[Column, ...]:
    """The columns of a table, in their order."""
    hints = get_type_hints(row, include_extras=True)
    return tuple(_column(name, hints[name]) for name in row.__struct_fields__)


def _column(name: str, hint: Any) -> Column:
    kind, said = get_args(hint)
    parts = get_args(kind) if get_origin(kind) is UnionType else (kind,)
    (bare,) = (part for part in parts if part is not NoneType)
    return Column(
        name=name,
        type=_TYPES[bare],
        unit=said.extra["unit"],
        meaning=said.description,
        sources=tuple(said.extra["sources"]),
        required=NoneType not in parts,
    )
