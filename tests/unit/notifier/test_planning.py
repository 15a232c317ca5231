"""Given an event, then this work and no other."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.notifier.work.planning import progress_for, work_for
from shared.events.base import Event
from shared.events.incident import (
    DuplicatesAdded,
    IncidentCancelled,
    IncidentClosed,
    IncidentPutOnHold,
    IncidentReleased,
    IncidentReopened,
    IncidentResolved,
    IncidentResumed,
    IncidentRouted,
    IncidentsMerged,
    IncidentTaken,
    IncidentTransferred,
    IncidentUpdated,
    NoteAdded,
    ReplySent,
    ResolutionRefused,
    Tie,
)
from shared.events.knowledge import KnownErrorPublished, KnownErrorRetired
from shared.events.notification import ConfirmationSent, NotificationFailed, NotificationSent
from shared.events.vocabulary import ClosedBy, HoldReason, Message
from tests.unit.notifier.stories import AT, CLAIRE, HUGO, NADIA, created, document, story

OTHER = Tie(number="1181106_0231", stream=UUID(int=8))


def planned(event: Event) -> list[tuple[str, str]]:
    return [(work.kind.value, work.recipient) for work in work_for(story(event)[0])]


def test_a_new_incident_is_routed_and_confirmed_to_its_requester() -> None:
    assert planned(created()) == [("route", ""), ("mail", "requester")]


def test_the_beneficiary_gets_a_confirmation_too() -> None:
    assert planned(created(beneficiary=HUGO)) == [("route", ""), ("mail", "requester"), ("mail", "beneficiary")]


@pytest.mark.parametrize(
    "event",
    [
        IncidentRouted(group="postes", rule="subject:poste.logiciel", why="…"),
        IncidentTransferred(by=NADIA, from_group="messagerie", group="postes", text="…"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_waits_for_a_group_is_offered_and_nobody_is_told(event: Event) -> None:
    assert planned(event) == [("offer", "")]


@pytest.mark.parametrize(
    "event",
    [
        IncidentUpdated(by=NADIA, text="…"),
        document(NADIA),
        IncidentTaken(by=NADIA, group="messagerie"),
        ReplySent(by=NADIA, text="…"),
        IncidentPutOnHold(by=NADIA, reason=HoldReason.REQUESTER),
        IncidentResolved(by=NADIA, text="…"),
        IncidentClosed(by=NADIA, closed_by=ClosedBy.AGENT),
        IncidentCancelled(by=NADIA, reason="…"),
        ResolutionRefused(by=CLAIRE, reason="…", responsible=NADIA.id),
        IncidentReopened(by=CLAIRE, reason="…", responsible=NADIA.id),
        IncidentsMerged(by=NADIA, into=OTHER),
        DuplicatesAdded(by=NADIA, duplicates=(OTHER,)),
    ],
    ids=lambda event: type(event).__name__,
)
def test_later_events_may_concern_both(event: Event) -> None:
    assert planned(event) == [("mail", "requester"), ("mail", "beneficiary")]


@pytest.mark.parametrize("event", [ResolutionRefused, IncidentReopened])
def test_what_comes_back_to_nobody_is_offered_again(event: type[Event]) -> None:
    assert planned(event(by=CLAIRE, reason="…")) == [("offer", ""), ("mail", "requester"), ("mail", "beneficiary")]


@pytest.mark.parametrize(
    "event",
    [
        IncidentReleased(by=NADIA, group="messagerie"),
        NoteAdded(by=NADIA, text="Entre nous."),
        IncidentPutOnHold(by=NADIA, reason=HoldReason.THIRD_PARTY, text="…"),
        IncidentResumed(by=NADIA),
        IncidentResumed(),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_happens_inside_is_told_to_nobody(event: Event) -> None:
    assert planned(event) == []


def test_a_hold_until_a_date_is_work_for_that_date() -> None:
    hold = IncidentPutOnHold(by=NADIA, reason=HoldReason.THIRD_PARTY, until=AT)
    assert [(work.kind.value, work.due_at) for work in work_for(story(hold)[0])] == [("resume", AT)]
    asked = IncidentPutOnHold(by=NADIA, reason=HoldReason.REQUESTER, until=AT)
    assert planned(asked) == [("mail", "requester"), ("mail", "beneficiary"), ("resume", "")]


def test_what_happens_is_told_to_those_whose_incidents_go_on_there() -> None:
    reply = story(created(), ReplySent(by=NADIA, text="…"))[1]
    works = progress_for(reply, [OTHER])
    assert [(work.kind, work.recipient, work.duplicate) for work in works] == [
        ("mail", f"{person}:{OTHER.number}", OTHER) for person in ("requester", "beneficiary")
    ]


@pytest.mark.parametrize(
    "event",
    [
        IncidentUpdated(by=CLAIRE, text="…"),
        document(),
        IncidentPutOnHold(by=NADIA, reason=HoldReason.REQUESTER),
        NoteAdded(by=NADIA, text="…"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_concerns_one_of_them_alone_is_not_told_to_the_others(event: Event) -> None:
    assert progress_for(story(created(), event)[1], [OTHER]) == []


ABOUT: dict[str, Any] = {"to": CLAIRE, "message_id": "<1@cecoia.example>", "cause": UUID(int=9), "attempts": 1}


@pytest.mark.parametrize(
    "event",
    [
        ConfirmationSent(message=Message.CREATION, sent_at=AT, **ABOUT),
        NotificationSent(message=Message.REPLY, sent_at=AT, **ABOUT),
        NotificationFailed(message=Message.REPLY, error="550", **ABOUT),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_the_notifier_records_itself_plans_nothing(event: Event) -> None:
    assert planned(event) == []


def test_only_what_is_solved_concerns_the_incidents_that_are_linked() -> None:
    published = KnownErrorPublished(
        number="E181106_0001", by=NADIA, title="…", symptoms="…", workaround="…", subjects=["messagerie.envoi"]
    )
    retired = [KnownErrorRetired(number="E181106_0001", by=NADIA, text="…", solved=solved) for solved in (True, False)]
    assert [planned(event) for event in (published, *retired)] == [[], [("spread", "")], []]
