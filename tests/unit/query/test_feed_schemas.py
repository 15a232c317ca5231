"""The schemas beside the feed: good ones, of all events, and an AsyncAPI document in which nothing points nowhere."""

import json

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from services.query.feed import asyncapi, schemas
from shared.events.registry import EVENTS

DOCUMENT = json.loads(asyncapi.document())
#: What AsyncAPI 3.0 says of the parts that the document has: which they must have, and which they may have.
PARTS = {
    "document": ({"asyncapi", "info"}, {"channels", "operations", "components", "defaultContentType"}),
    "info": ({"title", "version"}, {"description"}),
    "channel": (set(), {"address", "title", "messages"}),
    "operation": ({"action", "channel"}, {"title", "messages", "security", "bindings"}),
    "components": (set(), {"messages", "schemas", "securitySchemes"}),
    "message": (set(), {"name", "title", "payload"}),
    "security": ({"type", "scheme"}, {"bearerFormat"}),
}


def has_what_it_may(part, kind):
    needed, allowed = PARTS[kind]
    return needed <= part.keys() <= needed | allowed


def references(part):
    """Everything that the document points at."""
    if isinstance(part, list):
        for item in part:
            yield from references(item)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref":
                yield value
            yield from references(value)


@pytest.mark.parametrize("name", list(schemas.served()))
def test_each_version_has_a_good_schema(name):
    schema = schemas.find(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


def test_what_is_personal_may_be_null_and_nothing_else_changes():
    person = schemas.find("IncidentCreated.2")["$defs"]["Person"]["properties"]
    assert person["name"] == {"type": ["string", "null"], "x-personal": True}
    assert person["id"] == {"type": "string", "format": "uuid"}


def test_without_a_version_the_newest_is_given():
    assert schemas.find("IncidentCreated") == schemas.find("IncidentCreated.2") != schemas.find("IncidentCreated.1")
    assert schemas.find("IncidentCreated.3") is schemas.find("") is None
    current = {item.type: item.version for item in schemas.overview().items if item.current}
    assert (current["IncidentCreated"], current["IncidentTaken"]) == (2, 1)


def test_the_asyncapi_document_is_built_as_the_specification_says():
    components = DOCUMENT["components"]
    assert DOCUMENT["asyncapi"] == "3.0.0"
    for kind, parts in {
        "document": [DOCUMENT],
        "info": [DOCUMENT["info"]],
        "channel": DOCUMENT["channels"].values(),
        "operation": DOCUMENT["operations"].values(),
        "components": [components],
        "message": components["messages"].values(),
        "security": components["securitySchemes"].values(),
    }.items():
        assert all(has_what_it_may(part, kind) for part in parts), kind
    assert {operation["action"] for operation in DOCUMENT["operations"].values()} == {"receive"}


def test_nothing_in_it_points_nowhere():
    resolver = Registry().with_resource("", Resource(DOCUMENT, DRAFT7)).resolver()
    pointed = set(references(DOCUMENT))
    assert all(resolver.lookup(reference).contents for reference in pointed)
    followed = [item["$ref"] for item in DOCUMENT["operations"]["follow"]["messages"]]
    assert followed == [f"#/channels/events/messages/{schemas.tag(event)}" for event in EVENTS]


@pytest.mark.parametrize("name", list(schemas.served()))
def test_an_event_can_be_one_message_alone(name):
    """So AsyncAPI wants it of all messages of a channel: what stands in `data.type` decides."""
    schema = DOCUMENT["components"]["schemas"][name]
    assert schema["properties"]["type"] == {"enum": [name]}
    assert "type" in schema["required"]


@pytest.mark.parametrize("name", list(DOCUMENT["components"]["schemas"]))
def test_its_schemas_are_such_as_asyncapi_knows(name):
    """A superset of draft 07, whose words they keep to."""
    schema = DOCUMENT["components"]["schemas"][name]
    Draft7Validator.check_schema(schema)
    assert "$defs" not in schema
