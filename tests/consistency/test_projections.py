"""Every event has a decision in every projection, a title, and a place in the page of an incident."""

import pytest

from services.query.incidents.fold import CHANGES, SILENT
from services.query.incidents.wording import FACTS, HEADINGS, MESSAGES, UNTOLD
from services.query.projections.registry import PROJECTIONS
from shared.events import catalogue, knowledge, person, webhook
from shared.events.registry import EVENTS, UPCASTS
from shared.events.titles import TITLES

NEWEST = {event for event in EVENTS if event not in UPCASTS}
OWN_STREAMS = {module.__name__ for module in (catalogue, person, webhook, knowledge)}
INCIDENT_EVENTS = {event for event in NEWEST if event.__module__ not in OWN_STREAMS}


@pytest.mark.parametrize("projection", PROJECTIONS.values(), ids=PROJECTIONS)
def test_every_event_is_handled_or_ignored(projection):
    assert projection.handles | projection.ignores == NEWEST
    assert not projection.handles & projection.ignores


def test_every_event_has_a_title():
    assert set(TITLES) == NEWEST


def test_every_event_of_an_incident_is_told():
    assert set(FACTS) | set(MESSAGES) | UNTOLD == INCIDENT_EVENTS
    assert set(HEADINGS) == set(MESSAGES)


def test_no_event_is_both_silent_and_a_change():
    assert not set(CHANGES) & SILENT
