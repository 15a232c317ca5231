"""The rules of an incident: given these events, when this command, then these events or this refusal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from services.intake.incident import commands as c
from services.intake.incident.deciding import Limits, Refusal, decide
from services.intake.incident.state import State, fold
from shared.events import incident as events
from shared.events.base import Event, Person
from shared.events.vocabulary import ClosedBy, HoldReason, Origin, Status, Urgency


def person(n: int, name: str) -> Person:
    return Person(id=UUID(int=n), name=name, email=f"{name}@academie.example")


CLAIRE, HUGO, NADIA, LUCAS, SOPHIE = (
    person(n, name) for n, name in enumerate(("claire", "hugo", "nadia", "lucas", "sophie"))
)
requester = c.Actor(person=CLAIRE)
stranger = c.Actor(person=HUGO)
agent = c.Actor(person=NADIA, is_agent=True, groups=frozenset({"messagerie", "accueil"}))
other_agent = c.Actor(person=LUCAS, is_agent=True, groups=frozenset({"messagerie"}))
network_agent = c.Actor(person=LUCAS, is_agent=True, groups=frozenset({"reseau"}))
supervisor = c.Actor(person=SOPHIE, is_agent=True, is_supervisor=True)

AT = datetime(2018, 11, 6, 9, 49, 49, tzinfo=UTC)
LIMITS = Limits(documents=3, reopening=timedelta(days=30))

CREATE = c.Create(
    phone="+33144556677",
    subject="messagerie.acces",
    availability="",
    urgency=Urgency.NORMAL,
    description="En panne",
    origin=Origin.PORTAL,
)
CREATED = events.IncidentCreated(
    number="",
    requester=CLAIRE,
    recorded_by=CLAIRE,
    origin=Origin.PORTAL,
    phone="+33144556677",
    subject="messagerie.acces",
    availability="",
    urgency=Urgency.NORMAL,
    description="En panne",
)
ROUTED = events.IncidentRouted(group="messagerie", rule="subject", why="")
TAKEN = events.IncidentTaken(by=NADIA, group="messagerie")
RELEASED = events.IncidentReleased(by=NADIA, group="messagerie")
TRANSFERRED = events.IncidentTransferred(by=NADIA, from_group="messagerie", group="reseau")
ASKED = events.IncidentPutOnHold(by=NADIA, reason=HoldReason.REQUESTER)
AWAY = events.IncidentPutOnHold(by=NADIA, reason=HoldReason.THIRD_PARTY)
RESOLVED = events.IncidentResolved(by=NADIA, text="C’est réparé")
CONFIRMED = events.IncidentClosed(by=CLAIRE, closed_by=ClosedBy.REQUESTER)
REFUSED = events.ResolutionRefused(by=CLAIRE, reason="Toujours en panne", responsible=NADIA.id)
CLOSED = events.IncidentClosed(by=NADIA, closed_by=ClosedBy.AGENT)
CANCELLED = events.IncidentCancelled(by=CLAIRE, reason="Réglé")
REOPENED = events.IncidentReopened(by=CLAIRE, reason="Revenu", responsible=NADIA.id)


def file(n: int) -> c.File:
    return c.File(id=UUID(int=n), filename=f"{n}.png", media_type="image/png", size=1, sha256=f"{n:064x}")


def attached(n: int, by: Person = CLAIRE) -> events.DocumentAttached:
    fields = msgspec.structs.asdict(file(n))
    return events.DocumentAttached(document=fields.pop("id"), by=by, **fields)


class Rule:
    """`given(…).when(actor, command)` and then `.then(…)` or `.refused(code)`; history all happened at `AT`."""

    def __init__(self, history: tuple[Event, ...]) -> None:
        self._history = history

    def when(self, actor: c.Actor, command: c.Command, *, after: timedelta = timedelta()) -> Rule:
        try:
            self._result: object = decide(state_of(self._history), command, actor, at=AT + after, limits=LIMITS)
        except Refusal as refusal:
            self._result = refusal
        return self

    def then(self, *expected: Event) -> None:
        if isinstance(self._result, Refusal):
            raise self._result
        assert self._result == expected

    @property
    def sentence(self) -> str:
        assert isinstance(self._result, Refusal), self._result
        return self._result.sentence

    def refused(self, code: str, status: int = 409) -> None:
        assert isinstance(self._result, Refusal), self._result
        assert (self._result.code, self._result.status) == (code, status)


def state_of(history: tuple[Event, ...]) -> State | None:
    return fold((event, AT) for event in history)


def given(*history: Event) -> Rule:
    return Rule(history)


# ── create ──────────────────────────────────────────────────────────────────


def test_a_requester_records_an_incident():
    given().when(requester, CREATE).then(CREATED)


def test_documents_come_with_it():
    given().when(requester, msgspec.structs.replace(CREATE, files=(file(1), file(2)))).then(
        CREATED, attached(1), attached(2)
    )


def test_too_many_documents_come_with_it():
    files = tuple(map(file, range(4)))
    given().when(requester, msgspec.structs.replace(CREATE, files=files)).refused("documents")


def test_an_agent_records_for_somebody():
    command = msgspec.structs.replace(CREATE, requester=CLAIRE, origin=Origin.PHONE)
    expected = msgspec.structs.replace(CREATED, recorded_by=NADIA, origin=Origin.PHONE)
    given().when(agent, command).then(expected)


def test_a_requester_cannot_record_for_somebody_else():
    given().when(stranger, msgspec.structs.replace(CREATE, requester=CLAIRE)).refused("requester", 403)


# ── who sees it ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "command", [c.Update(text="x"), c.Take(), c.Cancel(text="x"), c.Close(), c.Confirm(), c.Refuse(text="x")]
)
def test_an_incident_does_not_exist_for_strangers(command):
    given(CREATED, ROUTED).when(stranger, command).refused("not-found", 404)


@pytest.mark.parametrize("people", [{"beneficiary": HUGO}, {"recorded_by": HUGO}])
def test_beneficiary_and_recorder_may_add_to_it(people):
    created = msgspec.structs.replace(CREATED, **people)
    given(created).when(stranger, c.Update(text="x")).then(events.IncidentUpdated(by=HUGO, text="x"))


@pytest.mark.parametrize(
    "command",
    [
        c.Take(),
        c.Release(),
        c.Reply(text="x"),
        c.Note(text="x"),
        c.Resume(),
        c.Transfer(group="x"),
        c.Resolve(text="x"),
        c.Close(),
    ],
)
def test_what_only_agents_do(command):
    given(CREATED, ROUTED, TAKEN).when(requester, command).refused("role", 403)


# ── update, documents ───────────────────────────────────────────────────────


def test_an_update_carries_documents():
    command = c.Update(text="La voici", urgency=Urgency.HIGH, files=(file(1),))
    updated = events.IncidentUpdated(by=CLAIRE, text="La voici", urgency=Urgency.HIGH)
    given(CREATED).when(requester, command).then(updated, attached(1))


def test_documents_alone_are_no_update():
    given(CREATED).when(requester, c.Update(files=(file(1),))).then(attached(1))
    given(CREATED).when(requester, c.Attach(files=(file(1),))).then(attached(1))


def test_the_documents_of_all_commands_count():
    history = (CREATED, attached(1), attached(2))
    given(*history).when(requester, c.Attach(files=(file(3),))).then(attached(3))
    given(*history).when(requester, c.Attach(files=(file(3), file(4)))).refused("documents")


def test_a_document_is_attached_once():
    given(CREATED, attached(1)).when(requester, c.Attach(files=(file(1),))).refused("attached")


@pytest.mark.parametrize("end", [CLOSED, CANCELLED])
def test_nothing_happens_after_the_end(end):
    given(CREATED, ROUTED, end).when(requester, c.Update(text="x")).refused("status")
    given(CREATED, ROUTED, end).when(requester, c.Attach(files=(file(1),))).refused("status")
    given(CREATED, ROUTED, end).when(agent, c.Take()).refused("status")
    given(CREATED, ROUTED, end).when(agent, c.Reply(text="x")).refused("status")


# ── take, release ───────────────────────────────────────────────────────────


def test_an_agent_of_the_group_takes_it():
    given(CREATED, ROUTED).when(agent, c.Take()).then(TAKEN)


def test_an_agent_takes_it_before_it_is_routed_for_a_group_of_theirs():
    given(CREATED).when(agent, c.Take()).then(events.IncidentTaken(by=NADIA, group="accueil"))


def test_an_agent_without_groups_cannot_take_what_is_not_routed():
    given(CREATED).when(c.Actor(person=LUCAS, is_agent=True), c.Take()).refused("group", 403)


def test_an_agent_of_another_group_cannot_take_it():
    given(CREATED, ROUTED).when(network_agent, c.Take()).refused("group", 403)


def test_a_supervisor_takes_anything():
    given(CREATED, ROUTED).when(supervisor, c.Take()).then(events.IncidentTaken(by=SOPHIE, group="messagerie"))


def test_it_is_taken_once():
    given(CREATED, ROUTED, TAKEN).when(other_agent, c.Take()).refused("already-taken")
    given(CREATED, ROUTED, TAKEN).when(agent, c.Take()).refused("already-yours")


def test_it_can_be_taken_again_after_a_release_or_a_resolution():
    expected = events.IncidentTaken(by=LUCAS, group="messagerie")
    given(CREATED, ROUTED, TAKEN, RELEASED).when(other_agent, c.Take()).then(expected)
    given(CREATED, ROUTED, TAKEN, RESOLVED).when(other_agent, c.Take()).then(expected)


def test_who_took_it_gives_it_back():
    given(CREATED, ROUTED, TAKEN).when(agent, c.Release()).then(RELEASED)


def test_a_supervisor_gives_it_back():
    given(CREATED, ROUTED, TAKEN).when(supervisor, c.Release()).then(msgspec.structs.replace(RELEASED, by=SOPHIE))


def test_another_agent_cannot_give_it_back():
    given(CREATED, ROUTED, TAKEN).when(other_agent, c.Release()).refused("not-yours", 403)


def test_what_nobody_took_cannot_be_given_back():
    given(CREATED, ROUTED).when(agent, c.Release()).refused("not-taken")


# ── reply, resolve, close, cancel ───────────────────────────────────────────


@pytest.mark.parametrize("history", [(), (ROUTED,), (ROUTED, TAKEN), (ROUTED, TAKEN, RESOLVED)])
def test_agents_reply_until_the_end(history):
    given(CREATED, *history).when(agent, c.Reply(text="Bonjour")).then(events.ReplySent(by=NADIA, text="Bonjour"))


def test_agents_tell_each_other_something():
    given(CREATED, ROUTED).when(agent, c.Note(text="Vu")).then(events.NoteAdded(by=NADIA, text="Vu"))
    given(CREATED, ROUTED, CLOSED).when(agent, c.Note(text="Vu")).refused("status")


def test_an_agent_resolves_it_once():
    given(CREATED, ROUTED, TAKEN).when(agent, c.Resolve(text="C’est réparé")).then(RESOLVED)
    given(CREATED, ROUTED, TAKEN, RESOLVED).when(agent, c.Resolve(text="C’est réparé")).refused("status")


def test_an_agent_closes_it():
    given(CREATED, ROUTED, TAKEN, RESOLVED).when(agent, c.Close()).then(CLOSED)


def test_its_requester_cancels_it():
    given(CREATED, ROUTED).when(requester, c.Cancel(text="Réglé")).then(CANCELLED)
    given(CREATED, ROUTED, CANCELLED).when(requester, c.Cancel(text="Réglé")).refused("status")


# ── confirm, refuse, reopen ─────────────────────────────────────────────────

SOLVED = (CREATED, ROUTED, TAKEN, RESOLVED)
LATE = timedelta(days=30, seconds=1)


def unheld(event):
    """The same event about an incident for which nobody answers."""
    return msgspec.structs.replace(event, responsible=None)


def test_its_requester_confirms_the_resolution():
    given(*SOLVED).when(requester, c.Confirm()).then(CONFIRMED)


def test_its_beneficiary_confirms_and_refuses():
    history = (msgspec.structs.replace(CREATED, beneficiary=HUGO), ROUTED, TAKEN, RESOLVED)
    given(*history).when(stranger, c.Confirm()).then(msgspec.structs.replace(CONFIRMED, by=HUGO))
    refused = msgspec.structs.replace(REFUSED, by=HUGO)
    given(*history).when(stranger, c.Refuse(text="Toujours en panne")).then(refused)


def test_an_agent_types_what_the_requester_says():
    given(*SOLVED).when(other_agent, c.Confirm()).then(msgspec.structs.replace(CONFIRMED, by=LUCAS))
    refused = msgspec.structs.replace(REFUSED, by=LUCAS)
    given(*SOLVED).when(other_agent, c.Refuse(text="Toujours en panne")).then(refused)
    reopened = msgspec.structs.replace(REOPENED, by=LUCAS)
    given(*SOLVED, CLOSED).when(other_agent, c.Reopen(text="Revenu")).then(reopened)


def test_what_is_refused_goes_back_to_the_agent_who_had_it():
    given(*SOLVED).when(requester, c.Refuse(text="Toujours en panne")).then(REFUSED)


@pytest.mark.parametrize("history", [(ROUTED,), (ROUTED, TAKEN, RELEASED), ()])
def test_what_is_refused_and_nobody_had_goes_back_into_the_queue(history):
    given(CREATED, *history, RESOLVED).when(requester, c.Refuse(text="Toujours en panne")).then(unheld(REFUSED))


@pytest.mark.parametrize("command", [c.Confirm(), c.Refuse(text="x")])
@pytest.mark.parametrize("history", [(), (ROUTED,), (ROUTED, TAKEN), (ROUTED, TAKEN, RESOLVED, REFUSED), (CLOSED,)])
def test_only_a_resolution_is_confirmed_or_refused(command, history):
    given(CREATED, *history).when(requester, command).refused("status")


@pytest.mark.parametrize("end", [CLOSED, CONFIRMED])
def test_a_closed_incident_is_opened_again(end):
    given(*SOLVED, end).when(requester, c.Reopen(text="Revenu")).then(REOPENED)
    given(CREATED, ROUTED, end).when(requester, c.Reopen(text="Revenu")).then(unheld(REOPENED))


def test_it_is_opened_again_within_a_time_after_it_was_closed():
    given(*SOLVED, CLOSED).when(requester, c.Reopen(text="Revenu"), after=LIMITS.reopening).then(REOPENED)
    given(*SOLVED, CLOSED).when(requester, c.Reopen(text="Revenu"), after=LATE).refused("old")


def test_the_time_begins_with_the_last_closing():
    history = [(event, AT) for event in (*SOLVED, CLOSED, REOPENED)] + [(CLOSED, AT + LATE)]
    at = AT + LATE + LIMITS.reopening
    assert decide(fold(history), c.Reopen(text="Revenu"), requester, at=at, limits=LIMITS) == (REOPENED,)


def test_the_refusal_says_what_to_do_instead():
    rule = given(*SOLVED, CLOSED).when(requester, c.Reopen(text="Revenu"), after=LATE)
    assert "30\u00a0jours" in rule.sentence
    assert "créez un nouvel incident, qui fera suite à celui-ci" in rule.sentence


@pytest.mark.parametrize("history", [(), (RESOLVED,), (CANCELLED,), (CLOSED, REOPENED)])
def test_only_a_closed_incident_is_opened_again(history):
    given(CREATED, ROUTED, *history).when(requester, c.Reopen(text="Revenu")).refused("status")


def test_an_incident_lives_on_after_it_was_opened_again():
    given(*SOLVED, CLOSED, REOPENED).when(requester, c.Update(text="x")).then(
        events.IncidentUpdated(by=CLAIRE, text="x")
    )
    given(*SOLVED, CLOSED, REOPENED).when(agent, c.Release()).then(RELEASED)


# ── fold ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("history", "status"),
    [
        ((), Status.TO_HANDLE),
        ((ROUTED,), Status.TO_HANDLE),
        ((ROUTED, TAKEN), Status.IN_PROGRESS),
        ((ROUTED, TAKEN, RELEASED), Status.TO_HANDLE),
        ((ROUTED, TAKEN, TRANSFERRED), Status.TO_HANDLE),
        ((ROUTED, TAKEN, AWAY), Status.ON_HOLD),
        ((ROUTED, TAKEN, AWAY, events.IncidentResumed()), Status.IN_PROGRESS),
        ((ROUTED, TAKEN, RESOLVED), Status.RESOLVED),
        ((ROUTED, CLOSED), Status.CLOSED),
        ((CANCELLED,), Status.CANCELLED),
        ((ROUTED, TAKEN, RESOLVED, CONFIRMED), Status.CLOSED),
        ((ROUTED, TAKEN, RESOLVED, REFUSED), Status.IN_PROGRESS),
        ((ROUTED, TAKEN, RESOLVED, REFUSED, RESOLVED), Status.RESOLVED),
        ((ROUTED, RESOLVED, unheld(REFUSED)), Status.TO_HANDLE),
        ((ROUTED, TAKEN, CLOSED, REOPENED), Status.IN_PROGRESS),
        ((ROUTED, CLOSED, unheld(REOPENED)), Status.TO_HANDLE),
    ],
)
def test_where_it_stands(history, status):
    state = state_of((CREATED, *history))
    assert state is not None
    assert state.status is status
    assert state.version == 1 + len(history)


def test_nothing_happens_before_the_beginning():
    with pytest.raises(ValueError, match="begins"):
        state_of((TAKEN,))
