"""What had happened by an instant, whatever life an incident led: the page, the journey, the catalogue of then."""

import math
from datetime import timedelta
from functools import reduce
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.query.incidents import detail, history
from services.query.incidents.fold import evolve
from services.query.past import journey
from services.query.past.instants import Catalogues, as_of, had_happened, read_past
from services.query.projections.timing import due_times
from services.query.viewer import Viewer
from shared.catalogue import Catalogue, parse_toml
from shared.events import incident, notification
from shared.events.vocabulary import ClosedBy, HoldReason, Message, Role, Stage, Target, Urgency
from shared.http.identity import Caller
from shared.http.problems import Problem
from shared.journal.records import Meta, Position, Recorded
from shared.wire.past import Standing
from tests.support.intake import CATALOGUE
from tests.unit.notifier.stories import AT, CLAIRE, NADIA, STREAM, created, document

MINUTE = timedelta(minutes=1)
#: Everything that may happen to an incident, to be put in any order.
HAPPENINGS = (
    incident.IncidentRouted(group="messagerie", rule="subject", why="D’après l’objet"),
    incident.IncidentTaken(by=NADIA, group="messagerie"),
    incident.IncidentReleased(by=NADIA, group="messagerie"),
    incident.IncidentTransferred(by=NADIA, from_group="messagerie", group="reseau", subject="reseau.filtrage"),
    incident.IncidentUpdated(by=CLAIRE, urgency=Urgency.CRITICAL, text="Rien ne va plus"),
    incident.IncidentUpdated(by=CLAIRE, phone="+33199001235", urgency=Urgency.LOW),
    document(),
    incident.ReplySent(by=NADIA, text="Essayez"),
    incident.NoteAdded(by=NADIA, text="Entre nous"),
    incident.IncidentPutOnHold(by=NADIA, reason=HoldReason.REQUESTER, text="Lequel ?"),
    incident.IncidentPutOnHold(by=NADIA, reason=HoldReason.DATE, until=AT + timedelta(days=2)),
    incident.IncidentResumed(),
    incident.IncidentEscalated(target=Target.TAKE, stage=Stage.NEAR, due_at=AT, group="messagerie"),
    incident.IncidentResolved(by=NADIA, text="Réparé"),
    incident.ResolutionRefused(by=CLAIRE, reason="Non", responsible=NADIA.id),
    incident.ResolutionRefused(by=CLAIRE, reason="Non"),
    incident.IncidentClosed(by=CLAIRE, closed_by=ClosedBy.REQUESTER),
    incident.IncidentReopened(by=CLAIRE, reason="Encore"),
    notification.ConfirmationSent(
        to=CLAIRE, message=Message.CREATION, message_id="<a@b>", cause=uuid4(), attempts=1, sent_at=AT
    ),
)
#: What happens next, and how many minutes later; none for what is recorded in one go.
LIVES = st.lists(st.tuples(st.sampled_from(HAPPENINGS), st.integers(0, 3_000)), max_size=12)


def recorded(events, *, xid=10):
    """Events, each with the minutes since the one before it, as the journal gives them."""
    told, at = [], AT
    for version, (event, minutes) in enumerate(events, start=1):
        at += minutes * MINUTE
        told.append(
            Recorded(
                position=Position(xid + version, version),
                stream_id=STREAM,
                version=version,
                event_id=uuid4(),
                recorded_at=at,
                event=event,
                meta=Meta(),
                number="1181106_0230",
            )
        )
    return told


def viewer(person, *roles):
    caller = Caller(
        sub="", name=person.name, email=None, roles=frozenset(roles), groups=frozenset(), expires_at=math.inf
    )
    return Viewer(person.id, caller)


AGENT, REQUESTER = viewer(NADIA, Role.AGENT), viewer(CLAIRE)
FIRST = parse_toml(CATALOGUE)
LATER = parse_toml(CATALOGUE.replace("Messagerie : connexion impossible", "Messagerie : rien"))
CATALOGUES = Catalogues(recorded([(event, 0) for event in FIRST] + [(event, 60) for event in LATER]))


@given(LIVES)
def test_every_instant_shows_what_its_events_and_no_others_made(life):
    events = recorded([(created(), 0), *life])
    for last in events:
        by_then = [one for one in events if one.recorded_at <= last.recorded_at]
        state, known = reduce(evolve, by_then, None), CATALOGUES.at(last.recorded_at)
        page = detail.build(had_happened(events, last.recorded_at), AGENT, known)
        assert page.version == state.version == by_then[-1].version
        assert (page.status, page.group, page.urgency, page.subject, page.hold, page.hold_until) == (
            state.status, state.group_code, state.urgency, state.subject, state.hold, state.hold_until
        )  # fmt: skip
        assert (page.responsible and page.responsible.name) == state.responsible_name
        assert page.subject_label == known.label(state.subject)
        assert {name: getattr(page, name) for name in due_times(state.case, known)} == due_times(state.case, known)
        assert page.actions == []
        past = history.build(by_then, state, AGENT)
        assert [item.version for item in past.items] == [one.version for one in by_then]


@given(LIVES)
def test_each_step_of_a_journey_stands_as_the_page_of_that_version(life):
    events = recorded([(created(), 0), *life])
    steps = journey.build(events, AGENT, CATALOGUES).items
    assert [step.version for step in steps] == [one.version for one in events]
    before = None
    for step in steps:
        page = detail.build(events[: step.version], AGENT, CATALOGUES.at(step.at))
        named = {**msgspec.to_builtins(page), "documents": len(page.documents)}
        named["responsible"] = page.responsible.name if page.responsible else None
        standing = msgspec.to_builtins(step.standing)
        assert standing == {name: named[name] for name in Standing.__struct_fields__}
        assert step.changed == [name for name in standing if before and before[name] != standing[name]]
        before = standing


@given(LIVES)
def test_a_requester_goes_through_their_own_part_of_it(life):
    events = recorded([(created(), 0), *life])
    hidden = {one.version for one in events if isinstance(one.event, incident.NoteAdded | incident.IncidentEscalated)}
    steps = journey.build(events, REQUESTER, CATALOGUES).items
    assert [step.version for step in steps] == [one.version for one in events if one.version not in hidden]
    for step in steps:
        assert step.standing.take_due_at is step.standing.resolve_due_at is step.standing.due_at is None


def test_an_incident_that_is_older_than_the_catalogue_is_read_by_the_first_one():
    begun = recorded([(event, 60 if number == 0 else 0) for number, event in enumerate(FIRST)])
    in_one_go = [msgspec.structs.replace(one, position=Position(7, one.version)) for one in begun]
    assert Catalogues(in_one_go).at(AT) == Catalogue.of(FIRST)
    assert Catalogues([]).at(AT) == Catalogue()


def test_labels_are_those_of_then():
    changes = [CATALOGUES.at(AT + minutes * MINUTE).label("messagerie.acces") for minutes in (0, 59, 600_000)]
    assert changes == ["Messagerie : connexion impossible"] * 2 + ["Messagerie : rien"]


def test_the_future_cannot_be_asked_for():
    assert read_past(None, AT) is None
    assert read_past((AT + MINUTE).isoformat(), AT) == AT + MINUTE
    for wrong in ((AT + 2 * MINUTE).isoformat(), "hier", "2018-11-06", "2018-11-06T10:49:49"):
        with pytest.raises(Problem) as refused:
            read_past(wrong, AT)
        assert (refused.value.status, [error.field for error in refused.value.errors]) == (422, ["at"])


def test_before_its_creation_there_is_no_incident():
    events = recorded([(created(), 0)])
    with pytest.raises(Problem) as refused:
        had_happened(events, AT - MINUTE)
    assert (refused.value.status, refused.value.detail) == (404, "Cet incident n’existait pas encore à cet instant.")
    assert as_of(events, None) == events
