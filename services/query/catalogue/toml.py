"""The catalogue as the file that reads back as the same catalogue (`shared.catalogue.parse_toml`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from shared.catalogue import Catalogue
from shared.events.base import Event


def to_toml(known: Catalogue) -> str:
    """The whole catalogue, each subject with its own targets; what is retired and still known says so."""
    return "\n".join(_tables(known))


def _tables(known: Catalogue) -> Iterator[str]:
    for code, calendar in known.calendars.items():
        hours = {day: ", ".join(parts) for day, parts in msgspec.to_builtins(calendar.open).items() if parts}
        yield _table("calendar", code, _fields(calendar, "calendar") | {"open": hours})
    for code, group in known.groups.items():
        yield _table("group", code, _fields(group, "group"))
    for code, subject in known.subjects.items():
        retired = {"retired": True} if code in known.retired else {}
        yield _table("subject", code, _fields(subject, "subject") | retired)
    for code, canned in known.canned.items():
        yield _table("canned", code, _fields(canned, "canned"))


def _fields(definition: Event, key: str) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(definition)
    return {name: value for name, value in fields.items() if name not in {"type", key} and value is not None}


def _table(kind: str, code: str, fields: Mapping[str, Any]) -> str:
    lines = (f"{name} = {_value(value)}\n" for name, value in fields.items())
    return f"[{kind}.{_text(code)}]\n{''.join(lines)}"


def _value(value: Any) -> str:
    match value:
        case bool() | int():
            return json.dumps(value)
        case dict():
            return f"{{ {', '.join(f'{name} = {_value(item)}' for name, item in value.items())} }}"
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case _ if "\n" in value:
            lines = (_text(line)[1:-1] for line in value.split("\n"))
            return '"""\n' + "\n".join(lines) + '"""'
        case _:
            return _text(value)


def _text(text: str) -> str:
    """A text in quotes: JSON escapes what TOML wants escaped, and DEL stands in neither."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
