"""What an incident is after each event."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from services.query.incidents.fold import EXCERPT_LENGTH, evolve, excerpt
from shared.events import incident, notification
from shared.events.base import Person
from shared.events.vocabulary import ClosedBy, HoldReason, Message, Origin, Status, Urgency
from shared.journal.records import Meta, Position, Recorded

CLAIRE = Person(id=uuid4(), name="Claire Martin")
HUGO = Person(id=uuid4(), name="Hugo Petit")
NADIA = Person(id=uuid4(), name="Nadia Benali")
STREAM = UUID(int=1)

CREATED = incident.IncidentCreated(
    number="1261106_0001",
    requester=CLAIRE,
    beneficiary=HUGO,
    recorded_by=CLAIRE,
    origin=Origin.PORTAL,
    phone="+33199001234",
    subject="messagerie.acces",
    availability="",
    urgency=Urgency.NORMAL,
    description="Échec",
)


def after(*events):
    state = None
    for version, event in enumerate(events, start=1):
        state = evolve(state, recorded(event, version))
    return state


def recorded(event, version):
    return Recorded(
        position=Position(1, version),
        stream_id=STREAM,
        version=version,
        event_id=uuid4(),
        recorded_at=datetime(2026, 11, 6, 8, version, tzinfo=UTC),
        event=event,
        meta=Meta(),
    )


ROUTED = incident.IncidentRouted(group="messagerie", rule="subject", why="objet")
TAKEN = incident.IncidentTaken(by=NADIA, group="reseau")
RELEASED = incident.IncidentReleased(by=NADIA, group="messagerie")
TRANSFERRED = incident.IncidentTransferred(
    by=NADIA, from_group="reseau", group="messagerie", subject="messagerie.envoi", text="Pour vous"
)
UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
ASKED = incident.IncidentPutOnHold(by=NADIA, reason=HoldReason.REQUESTER, text="Quel poste ?")
AWAY = incident.IncidentPutOnHold(by=NADIA, reason=HoldReason.THIRD_PARTY, until=UNTIL)
RESOLVED = incident.IncidentResolved(by=NADIA, text="Réparé")
CLOSED = incident.IncidentClosed(closed_by=ClosedBy.SILENCE)
CANCELLED = incident.IncidentCancelled(by=CLAIRE, reason="Erreur")
REFUSED = incident.ResolutionRefused(by=HUGO, reason="Toujours en panne", responsible=NADIA.id)
QUEUED = incident.ResolutionRefused(by=CLAIRE, reason="Toujours en panne")
REOPENED = incident.IncidentReopened(by=CLAIRE, reason="Revenu", responsible=NADIA.id)


@pytest.mark.parametrize(
    ("events", "status", "group", "responsible"),
    [
        ((), Status.TO_HANDLE, None, None),
        ((ROUTED,), Status.TO_HANDLE, "messagerie", None),
        ((ROUTED, TAKEN), Status.IN_PROGRESS, "reseau", NADIA.id),
        ((ROUTED, TAKEN, RELEASED), Status.TO_HANDLE, "messagerie", None),
        ((ROUTED, TAKEN, TRANSFERRED), Status.TO_HANDLE, "messagerie", None),
        ((ROUTED, TAKEN, ASKED), Status.ON_HOLD, "reseau", NADIA.id),
        ((ROUTED, TAKEN, ASKED, incident.IncidentResumed()), Status.IN_PROGRESS, "reseau", NADIA.id),
        ((ROUTED, TAKEN, RESOLVED), Status.RESOLVED, "reseau", NADIA.id),
        ((ROUTED, TAKEN, RESOLVED, CLOSED), Status.CLOSED, "reseau", NADIA.id),
        ((CANCELLED,), Status.CANCELLED, None, None),
        ((ROUTED, TAKEN, RESOLVED, REFUSED), Status.IN_PROGRESS, "reseau", NADIA.id),
        ((ROUTED, RESOLVED, QUEUED), Status.TO_HANDLE, "messagerie", None),
        ((ROUTED, TAKEN, RESOLVED, CLOSED, REOPENED), Status.IN_PROGRESS, "reseau", NADIA.id),
    ],
)
def test_status_group_and_responsible(events, status, group, responsible):
    state = after(CREATED, *events)
    assert (state.status, state.group_code, state.responsible) == (status, group, responsible)
    assert state.version == 1 + len(events)


@pytest.mark.parametrize(
    ("events", "requester_marks", "agent_marks", "last_word"),
    [
        ((), 1, 0, None),
        ((incident.IncidentUpdated(by=HUGO, text="Encore"),), 2, 0, "requester"),
        ((incident.IncidentUpdated(by=CLAIRE, urgency=Urgency.HIGH),), 2, 0, None),
        ((incident.IncidentUpdated(by=NADIA, text="Au téléphone"),), 1, 1, "agent"),
        (
            (incident.ReplySent(by=NADIA, text="Bonjour"), incident.IncidentUpdated(by=CLAIRE, text="Oui")),
            2,
            1,
            "requester",
        ),
        ((incident.NoteAdded(by=NADIA, text="Entre nous"),), 1, 0, None),
        ((ROUTED, TRANSFERRED), 1, 1, None),
        ((ROUTED, TAKEN, ASKED), 1, 1, "agent"),
        ((ROUTED, TAKEN, AWAY), 1, 0, None),
        ((RESOLVED,), 1, 1, "agent"),
        ((ROUTED, TAKEN, CLOSED), 1, 0, None),
        ((RESOLVED, REFUSED), 2, 1, "requester"),
        ((TAKEN, RESOLVED, CLOSED, REOPENED), 2, 1, "requester"),
    ],
)
def test_marks_count_what_each_side_added(events, requester_marks, agent_marks, last_word):
    state = after(CREATED, *events)
    assert (state.requester_marks, state.agent_marks, state.last_word) == (requester_marks, agent_marks, last_word)


def test_updates_change_what_they_name():
    state = after(CREATED, incident.IncidentUpdated(by=CLAIRE, urgency=Urgency.HIGH, subject="reseau.wifi"))
    assert (state.urgency, state.subject) == (Urgency.HIGH, "reseau.wifi")
    assert after(CREATED, incident.IncidentUpdated(by=CLAIRE, text="…")).subject == "messagerie.acces"
    assert after(CREATED, ROUTED, TRANSFERRED).subject == "messagerie.envoi"


@pytest.mark.parametrize("end", [incident.IncidentResumed(), RELEASED, RESOLVED, CANCELLED])
def test_what_it_waits_for_is_known_while_it_waits(end):
    state = after(CREATED, ROUTED, TAKEN, AWAY)
    assert (state.hold, state.hold_until) == (HoldReason.THIRD_PARTY, UNTIL)
    state = after(CREATED, ROUTED, TAKEN, AWAY, end)
    assert (state.hold, state.hold_until) == (None, None)


def test_mails_move_the_version_and_not_the_time():
    sent = notification.NotificationSent(
        to=CLAIRE,
        message=Message.REPLY,
        message_id="<1@x>",
        cause=uuid4(),
        attempts=1,
        sent_at=datetime(2026, 11, 6, 9, tzinfo=UTC),
    )
    state = after(CREATED, sent)
    assert (state.version, state.updated_at) == (2, datetime(2026, 11, 6, 8, 1, tzinfo=UTC))


def test_an_event_that_was_folded_already_changes_nothing():
    state = after(CREATED, ROUTED, TAKEN)
    assert evolve(state, recorded(RELEASED, 3)) is state
    assert evolve(state, recorded(CREATED, 1)) is state


def test_events_before_a_creation_are_no_incident():
    assert after(ROUTED, TAKEN) is None


@pytest.mark.parametrize("text", ["court", "mot " * 100, "x" * 1000, "  \n blancs \t partout  ", "nul\0octet"])
def test_excerpts_are_short_and_on_one_line(text):
    short = excerpt(text)
    assert len(short) <= EXCERPT_LENGTH
    assert "\n" not in short
    assert "\0" not in short
    assert short.startswith(" ".join(text.split())[:3])


def test_excerpts_end_at_a_word():
    assert excerpt("mot " * 100).endswith("mot…")
