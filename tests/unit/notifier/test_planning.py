"""Given an event, then this work and no other."""

from __future__ import annotations

import pytest

from services.notifier.work.planning import work_for
from shared.events.base import Event
from shared.events.incident import (
    IncidentCancelled,
    IncidentClosed,
    IncidentReleased,
    IncidentResolved,
    IncidentRouted,
    IncidentTaken,
    IncidentUpdated,
    ReplySent,
)
from shared.events.registry import EVENTS
from shared.events.vocabulary import ClosedBy
from tests.unit.notifier.stories import HUGO, NADIA, created, document, story


def planned(event: Event) -> list[tuple[str, str]]:
    return [(work.kind.value, work.recipient) for work in work_for(story(event)[0])]


def test_a_new_incident_is_routed_and_confirmed_to_its_requester() -> None:
    assert planned(created()) == [("route", ""), ("mail", "requester")]


def test_the_beneficiary_gets_a_confirmation_too() -> None:
    assert planned(created(beneficiary=HUGO)) == [("route", ""), ("mail", "requester"), ("mail", "beneficiary")]


def test_a_routed_incident_is_offered() -> None:
    assert planned(IncidentRouted(group="postes", rule="subject:poste.logiciel", why="…")) == [("offer", "")]


@pytest.mark.parametrize(
    "event",
    [
        IncidentUpdated(by=NADIA, text="…"),
        document(NADIA),
        IncidentTaken(by=NADIA, group="messagerie"),
        ReplySent(by=NADIA, text="…"),
        IncidentResolved(by=NADIA, text="…"),
        IncidentClosed(by=NADIA, closed_by=ClosedBy.AGENT),
        IncidentCancelled(by=NADIA, reason="…"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_later_events_may_concern_both(event: Event) -> None:
    assert planned(event) == [("mail", "requester"), ("mail", "beneficiary")]


def test_a_release_concerns_nobody() -> None:
    assert planned(IncidentReleased(by=NADIA, group="messagerie")) == []


def test_what_the_notifier_records_itself_plans_no_mail() -> None:
    names = {"ConfirmationSent", "NotificationSent", "NotificationFailed"}
    own = [event for event in EVENTS if event.__name__ in names]
    assert len(own) == len(names)
    assert not any(getattr(event, "by", None) for event in own)
