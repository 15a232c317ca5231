"""The feed as an AsyncAPI 3 document, from the registry of events; written from the side of who follows it."""

from functools import cache
from typing import Any, Final

import msgspec

from services.query.feed.schemas import served, tag
from shared.events.base import Event
from shared.events.registry import EVENTS, type_and_schema
from shared.events.titles import BY_NAME
from shared.wire.feed import FeedItem

_SCHEMAS: Final = "#/components/schemas/"
_ABOUT: Final = (
    "L’histoire de tous les événements, chacun une fois, dans l’ordre du journal. Le flux (text/event-stream) ne finit"
    " pas ; l’identifiant de chaque événement est le curseur d’où reprendre, dans l’en-tête Last-Event-ID."
)


@cache
def document() -> bytes:
    """The whole document as JSON: one channel, a message for each version of each event."""
    tags = [tag(event) for event in EVENTS]
    whole = {
        "asyncapi": "3.0.0",
        "info": {"title": "CeCoIA : histoire", "version": "1", "description": _ABOUT},
        "defaultContentType": "application/json",
        "channels": {
            "events": {
                "address": "/v1/events",
                "title": "Histoire",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in tags},
            }
        },
        "operations": {
            "follow": {
                "action": "receive",
                "title": "Suivre l’histoire",
                "channel": {"$ref": "#/channels/events"},
                "messages": [{"$ref": f"#/channels/events/messages/{name}"} for name in tags],
                "security": [{"$ref": "#/components/securitySchemes/bearer"}],
                "bindings": {"http": {"method": "GET", "bindingVersion": "0.3.0"}},
            }
        },
        "components": {
            "messages": {tag(event): _message(event) for event in EVENTS},
            "schemas": _schemas(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }
    return msgspec.json.encode(whole)


def _message(event: type[Event]) -> dict[str, Any]:
    name, _ = type_and_schema(event)
    says = {"type": {"const": name}, "data": {"$ref": _SCHEMAS + tag(event)}}
    return {
        "name": tag(event),
        "title": BY_NAME[name],
        "payload": {"allOf": [{"$ref": f"{_SCHEMAS}{FeedItem.__name__}"}, {"type": "object", "properties": says}]},
    }


def _schemas() -> dict[str, Any]:
    """What events are made of, each part once under its name, events themselves under their tags.

    Raises:
        ValueError: two different parts have the same name.
    """
    _, found = msgspec.json.schema_components([FeedItem], ref_template=_SCHEMAS + "{name}")
    for known, schema in served().items():
        root = schema["$ref"].rpartition("/")[2]
        text = msgspec.json.encode(schema["$defs"]).replace(b'"#/$defs/', f'"{_SCHEMAS}'.encode())
        for name, part in msgspec.json.decode(text).items():
            key = known if name == root else name
            if found.setdefault(key, part) != part:
                raise ValueError(f"two parts of events are called {name}")
    return found
