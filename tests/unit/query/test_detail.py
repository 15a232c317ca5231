"""The page of an incident as it was at an instant."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.query.incidents.detail import as_of
from shared.events import incident
from shared.journal.records import Meta, Position, Recorded

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
