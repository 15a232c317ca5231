"""The page of an incident as it was at an instant."""

import math
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.query.incidents.detail import Present, build
from services.query.past.instants import as_of
from services.query.viewer import Viewer
from shared.catalogue import Catalogue
from shared.events import incident
from shared.events.vocabulary import ClosedBy
from shared.http.identity import Caller
from shared.journal.records import Meta, Position, Recorded
from tests.unit.notifier.stories import CLAIRE, HUGO, NADIA, created
from tests.unit.notifier.stories import story as told

START = datetime(2026, 11, 6, 8, tzinfo=UTC)
ROUTED = incident.IncidentRouted(group="messagerie", rule="subject", why="objet")


def story(*seconds):
    """Events recorded at these seconds by clocks that need not agree."""
    return [
        Recorded(
            position=Position(1, version),
            stream_id=uuid4(),
            version=version,
            event_id=uuid4(),
            recorded_at=START + timedelta(seconds=second),
            event=ROUTED,
            meta=Meta(),
        )
        for version, second in enumerate(seconds, start=1)
    ]


@pytest.mark.parametrize(
    ("second", "versions"),
    [(-1, []), (0, [1]), (4, [1]), (5, [1, 2, 3]), (6, [1, 2, 3]), (10, [1, 2, 3]), (20, [1, 2, 3, 4])],
)
def test_what_had_happened_is_a_prefix_whatever_the_clocks_said(second, versions):
    events = story(0, 10, 5, 20)
    assert [recorded.version for recorded in as_of(events, START + timedelta(seconds=second))] == versions


def actions(*events, days=0, of=CLAIRE):
    """What is offered so many days after the last event."""
    caller = Caller(sub="", name=of.name, email=None, roles=frozenset(), groups=frozenset(), expires_at=math.inf)
    story = told(created(beneficiary=HUGO), *events)
    present = Present(story[-1].recorded_at + timedelta(days=days), timedelta(days=30))
    return build(story, Viewer(of.id, caller), Catalogue(), present).actions


RESOLVED = incident.IncidentResolved(by=NADIA, text="Fait.")
CLOSED = incident.IncidentClosed(by=NADIA, closed_by=ClosedBy.AGENT)


@pytest.mark.parametrize("of", [CLAIRE, HUGO])
def test_both_people_may_answer_a_resolution(of):
    assert actions(RESOLVED, of=of) == ["update", "confirm", "refuse", "cancel", "rate"]


def test_opening_again_is_offered_for_as_long_as_intake_follows_it():
    assert actions(CLOSED, days=30) == ["rate", "reopen"]
    assert actions(CLOSED, days=30.001) == ["rate"]
    reopened = incident.IncidentReopened(by=CLAIRE, reason="Revenu.")
    assert actions(CLOSED, reopened, days=31) == ["update", "cancel"]


def test_nothing_is_offered_at_an_earlier_instant():
    caller = Caller(sub="", name="", email=None, roles=frozenset(), groups=frozenset(), expires_at=math.inf)
    assert build(told(created(), RESOLVED), Viewer(CLAIRE.id, caller), Catalogue()).actions == []
