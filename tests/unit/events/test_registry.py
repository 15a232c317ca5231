import msgspec
import pytest

from shared.events import before, registry
from shared.events.base import Event
from shared.events.incident import IncidentResolved, IncidentRouted
from shared.events.registry import EVENTS, UPCASTS
from tests.support.history import created, person, routed


class GroupChosen(Event, frozen=True, kw_only=True, tag="GroupChosen.1"):
    """Made up: the oldest version."""

    team: str


class GroupChosenTwo(Event, frozen=True, kw_only=True, tag="GroupChosen.2"):
    """Made up: renamed a field."""

    group: str


def test_stored_names_are_name_and_version() -> None:
    tags = [event.__struct_config__.tag for event in EVENTS]
    assert len(set(tags)) == len(tags)
    for event in EVENTS:
        name, schema = registry.type_and_schema(event)
        assert event.__struct_config__.tag == f"{name}.{schema}"
        assert name.isidentifier()
        assert schema >= 1


def test_an_event_survives_the_way_to_the_journal_and_back() -> None:
    event = created(person())
    assert registry.decode(registry.encode(event)) == event


def test_an_unknown_field_is_refused() -> None:
    data = msgspec.json.decode(registry.encode(routed())) | {"colour": "red"}
    with pytest.raises(msgspec.ValidationError, match="colour"):
        registry.decode(msgspec.json.encode(data))


def test_an_unknown_event_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        registry.decode(b'{"type":"IncidentForgotten.1"}')


def test_old_versions_are_lifted_step_by_step() -> None:
    upcasts: dict[type[Event], registry.Upcast] = {
        GroupChosen: lambda old: GroupChosenTwo(group=old.team),
        GroupChosenTwo: lambda old: IncidentRouted(group=old.group, rule="none", why="inconnu"),
    }
    assert registry.lift(GroupChosen(team="postes"), upcasts) == IncidentRouted(
        group="postes", rule="none", why="inconnu"
    )
    assert registry.lift(routed(), upcasts) == routed()


def test_decoding_lifts() -> None:
    upcasts: dict[type[Event], registry.Upcast] = {IncidentRouted: lambda old: GroupChosenTwo(group=old.group)}
    assert registry.decode(registry.encode(routed("reseau")), upcasts) == GroupChosenTwo(group="reseau")


def test_every_old_version_has_a_way_to_the_newest() -> None:
    newest = dict(sorted(map(registry.type_and_schema, EVENTS)))
    for event in EVENTS:
        name, schema = registry.type_and_schema(event)
        assert (event in UPCASTS) == (schema < newest[name]), event


def test_incidents_of_before_there_were_follow_ups_follow_none() -> None:
    now = created(person())
    old = before.IncidentCreated(**{name: getattr(now, name) for name in before.IncidentCreated.__struct_fields__})
    assert registry.decode(registry.encode(old)) == now
    assert now.follows is None


def test_a_resolution_of_before_known_errors_is_read() -> None:
    by = {"id": str(person().id), "name": "Nadia"}
    old = msgspec.json.encode({"type": "IncidentResolved.1", "by": by, "text": "Réparé."})
    lifted = registry.decode(old)
    assert isinstance(lifted, IncidentResolved)
    assert (lifted.text, lifted.known_error) == ("Réparé.", None)
