"""Given the events of an incident, when one of them is told, then this notice or that silence."""

from __future__ import annotations

from msgspec.structs import replace

from services.notifier.mail.notices import Notice, Silence, notice_for
from services.notifier.work.planning import BENEFICIARY, REQUESTER
from shared.events.base import ERASED, Event
from shared.events.incident import (
    DuplicatesAdded,
    IncidentClosed,
    IncidentReopened,
    IncidentResolved,
    IncidentTaken,
    IncidentUpdated,
    ReplySent,
    ResolutionRefused,
    Tie,
)
from shared.events.vocabulary import ClosedBy, Message, Status, Urgency
from tests.unit.notifier.stories import CLAIRE, HUGO, NADIA, created, document, story


def told(
    *appends: Event | tuple[Event, ...], recipient: str = REQUESTER, version: int | None = None
) -> Notice | Silence:
    events = story(*appends)
    return notice_for(events, events[(version or len(events)) - 1].event_id, recipient)


def notice(*appends: Event | tuple[Event, ...], recipient: str = REQUESTER, version: int | None = None) -> Notice:
    found = told(*appends, recipient=recipient, version=version)
    assert isinstance(found, Notice)
    return found


def test_the_creation_is_told_to_whoever_made_it() -> None:
    confirmation = notice(created())
    assert (confirmation.message, confirmation.to, confirmation.number) == (Message.CREATION, CLAIRE, "1181106_0230")
    assert confirmation.status is Status.TO_HANDLE


def test_the_creation_names_the_documents_that_came_with_it_and_no_later_ones() -> None:
    events = [(created(), document(filename="a.png"), document(filename="b.png")), document(filename="later.png")]
    assert notice(*events, version=1).documents == ("a.png", "b.png")


def test_documents_that_came_with_the_creation_are_not_told_again() -> None:
    events = (created(), document(), document())
    assert told(events, version=2) is Silence.TOLD
    assert told(events, version=3) is Silence.TOLD


def test_documents_that_came_alone_are_told_once() -> None:
    events = [created(), (document(NADIA, "a.pdf"), document(NADIA, "b.pdf"))]
    assert notice(*events, version=2).documents == ("a.pdf", "b.pdf")
    assert told(*events, version=3) is Silence.TOLD


def test_a_document_sent_at_the_same_instant_by_itself_is_told() -> None:
    creation, attached = story(created(), document(NADIA))
    events = [creation, replace(attached, recorded_at=creation.recorded_at)]
    found = notice_for(events, attached.event_id, REQUESTER)
    assert isinstance(found, Notice)
    assert found.documents == ("capture.png",)
    assert notice_for(events, creation.event_id, REQUESTER).documents == ()


def test_nobody_is_told_what_they_did_themselves() -> None:
    assert told(created(), IncidentUpdated(by=CLAIRE, text="Encore.")) is Silence.AUTHOR


def test_the_other_person_is_told() -> None:
    update = notice(created(beneficiary=HUGO), IncidentUpdated(by=CLAIRE, text="Encore."), recipient=BENEFICIARY)
    assert (update.to, update.author, update.text) == (HUGO, "Claire Martin", "Encore.")


def test_an_agent_who_is_the_requester_gets_no_mail_of_their_own_reply() -> None:
    assert told(created(), ReplySent(by=CLAIRE, text="…")) is Silence.AUTHOR


def test_there_may_be_no_beneficiary() -> None:
    assert told(created(), ReplySent(by=NADIA, text="…"), recipient=BENEFICIARY) is Silence.NOBODY


def test_one_mailbox_gets_one_mail() -> None:
    twin = replace(HUGO, email="Claire.Martin@cecoia.example")
    assert told(created(beneficiary=twin), recipient=BENEFICIARY) is Silence.NOBODY
    assert told(created(beneficiary=CLAIRE), recipient=BENEFICIARY) is Silence.NOBODY


def test_two_people_without_address_are_not_the_same_mailbox() -> None:
    story_of_two = created(requester=replace(CLAIRE, email=None), beneficiary=replace(HUGO, email=None))
    assert told(story_of_two, recipient=BENEFICIARY) is Silence.NO_ADDRESS


def test_erased_people_get_nothing() -> None:
    gone = replace(CLAIRE, name=ERASED, email=ERASED)
    assert told(created(requester=gone)) is Silence.ERASED
    assert told(created(requester=gone, beneficiary=HUGO), recipient=BENEFICIARY) is Silence.ERASED


def test_an_erased_agent_is_the_house() -> None:
    assert notice(created(), ReplySent(by=replace(NADIA, name=ERASED), text="…")).author == "L’assistance"


def test_that_others_join_in_is_told_once() -> None:
    added = DuplicatesAdded(by=NADIA, duplicates=(Tie(number="1181106_0231", stream=HUGO.id),))
    assert notice(created(), added).message is Message.DUPLICATE
    assert told(created(), added, added) is Silence.TOLD


def test_the_recap_is_of_the_moment_told() -> None:
    events = [
        created(),
        IncidentTaken(by=NADIA, group="messagerie"),
        IncidentUpdated(by=NADIA, urgency=Urgency.HIGH, phone="+33144556677"),
        IncidentResolved(by=NADIA, text="C’est réparé."),
    ]
    update = notice(*events, version=3)
    assert (update.status, update.urgency, update.phone) == (Status.IN_PROGRESS, Urgency.HIGH, "+33144556677")
    assert update.changed == {"Urgence", "Téléphone"}
    assert notice(*events, version=2).urgency is Urgency.NORMAL
    assert notice(*events).status is Status.RESOLVED


def test_silence_may_close_an_incident() -> None:
    closure = notice(created(), IncidentClosed(closed_by=ClosedBy.SILENCE))
    assert (closure.author, closure.status) == (None, Status.CLOSED)


def test_what_comes_back_is_told_with_the_status_that_it_has_then() -> None:
    resolved = IncidentResolved(by=NADIA, text="C’est réparé.")
    refused = ResolutionRefused(by=NADIA, reason="Toujours rien.", responsible=NADIA.id)
    taken = notice(created(), IncidentTaken(by=NADIA, group="messagerie"), resolved, refused)
    assert (taken.message, taken.status, taken.text) == (Message.REFUSAL, Status.IN_PROGRESS, "Toujours rien.")
    reopened = IncidentReopened(by=NADIA, reason="Revenu.")
    queued = notice(created(), resolved, IncidentClosed(by=NADIA, closed_by=ClosedBy.AGENT), reopened)
    assert (queued.message, queued.status, queued.text) == (Message.REOPENING, Status.TO_HANDLE, "Revenu.")


def test_who_confirms_or_refuses_is_not_told_so_and_the_other_person_is() -> None:
    resolved = IncidentResolved(by=NADIA, text="C’est réparé.")
    for event in (
        IncidentClosed(by=CLAIRE, closed_by=ClosedBy.REQUESTER),
        ResolutionRefused(by=CLAIRE, reason="Toujours rien."),
    ):
        assert told(created(beneficiary=HUGO), resolved, event) is Silence.AUTHOR
        assert notice(created(beneficiary=HUGO), resolved, event, recipient=BENEFICIARY).author == "Claire Martin"
