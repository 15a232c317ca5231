"""The schemas of all events as the feed gives them: those of the journal, in which what is personal may be null."""

from functools import cache
from typing import Any, Final

from shared.events.base import Event
from shared.events.publish import schema
from shared.events.registry import EVENTS, type_and_schema
from shared.events.titles import BY_NAME
from shared.wire.feed import EventSchema, EventSchemas

MEDIA_TYPE: Final = "application/schema+json"


def tag(event: type[Event]) -> str:
    """What stands in `data.type`: `IncidentCreated.2`."""
    return str(event.__struct_config__.tag)


@cache
def served() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each version of each event, by its tag."""
    return {tag(event): _nullable(schema(event)) for event in EVENTS}


@cache
def newest() -> dict[str, str]:
    """Name of each event to the tag of its newest version."""
    versions = sorted(type_and_schema(event) for event in EVENTS)
    return {name: f"{name}.{version}" for name, version in versions}


def find(name: str) -> dict[str, Any] | None:
    """The schema of a version, or of the newest one where none is named."""
    return served().get(newest().get(name, name))


def overview() -> EventSchemas:
    """All of them, by name and version."""
    return EventSchemas(items=[_item(name, version) for name, version in sorted(map(type_and_schema, EVENTS))])


def _item(name: str, version: int) -> EventSchema:
    known = f"{name}.{version}"
    return EventSchema(
        name=known,
        type=name,
        version=version,
        title=BY_NAME[name],
        current=newest()[name] == known,
        url=f"/v1/events/schemas/{known}",
    )


def _nullable(part: Any) -> Any:
    if isinstance(part, list):
        return [_nullable(item) for item in part]
    if not isinstance(part, dict):
        return part
    whole = {name: _nullable(item) for name, item in part.items()}
    return whole | {"type": [whole["type"], "null"]} if "x-personal" in whole else whole
