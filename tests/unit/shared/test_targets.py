"""The rules of targets: given events at their instants, then these due times."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.catalogue import Catalogue
from shared.clock import PARIS
from shared.events.base import Event, Person
from shared.events.catalogue import CalendarDefined, GroupDefined, SubjectDefined, Week
from shared.events.incident import (
    IncidentCancelled,
    IncidentClosed,
    IncidentPutOnHold,
    IncidentReleased,
    IncidentReopened,
    IncidentResolved,
    IncidentResumed,
    IncidentTaken,
    IncidentTransferred,
    NoteAdded,
    ResolutionRefused,
)
from shared.events.vocabulary import ClosedBy, HoldReason, Kind, Target, Urgency
from shared.targets.clocks import Clocks, Pace, evolve
from shared.targets.due import Case, Dues, due, dues, next_due
from shared.working_time import working_time
from tests.support.history import created, routed

ANNE = Person(id=UUID(int=1), name="Anne")
OFFICE = ("08:00-18:00",)
DAYS = CalendarDefined(
    calendar="days",
    label="Jours",
    timezone="Europe/Paris",
    open=Week(mon=OFFICE, tue=OFFICE, wed=OFFICE, thu=OFFICE, fri=OFFICE),
)
ALWAYS = CalendarDefined(
    calendar="always",
    label="Toujours",
    timezone="Europe/Paris",
    open=Week(**dict.fromkeys(Week.__struct_fields__, ("00:00-24:00",))),
)
TAKE = {Urgency.LOW: 480, Urgency.NORMAL: 240, Urgency.HIGH: 60, Urgency.CRITICAL: 30}
RESOLVE = {Urgency.LOW: 2400, Urgency.NORMAL: 1200, Urgency.HIGH: 480, Urgency.CRITICAL: 240}
CATALOGUE = Catalogue.of(
    [
        DAYS,
        ALWAYS,
        GroupDefined(group="postes", label="Postes", mail="p@x.example", calendar="days"),
        GroupDefined(group="reseau", label="Réseau", mail="r@x.example", calendar="always"),
        SubjectDefined(subject="poste", label="Poste", kind=Kind.INCIDENT, group="postes", take=TAKE, resolve=RESOLVE),
    ]
)
HOLD = IncidentPutOnHold(by=ANNE, reason=HoldReason.THIRD_PARTY)
TAKEN = IncidentTaken(by=ANNE, group="postes")
RESOLVED = IncidentResolved(by=ANNE, text="Fait.")
CLOSED = IncidentClosed(by=ANNE, closed_by=ClosedBy.AGENT)
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=PARIS)


def at(hours: float) -> datetime:
    """So many working hours of the office after Monday morning."""
    return (MONDAY + timedelta(days=hours // 10, hours=hours % 10)).astimezone(UTC)


def clocks(*story: tuple[float, Event]) -> Clocks:
    """The clocks of an incident created on Monday at 8:00 and routed at once."""
    found = evolve(evolve(None, created(ANNE), at(0)), routed("postes"), at(0))
    for hours, event in story:
        found = evolve(found, event, at(hours))
    assert found is not None
    return found


def found(*story: tuple[float, Event], urgency: Urgency = Urgency.HIGH, catalogue: Catalogue = CATALOGUE) -> Dues:
    return dues(Case("poste", urgency, clocks(*story)), catalogue)


@pytest.mark.parametrize(
    ("story", "take", "resolve"),
    [
        ([], at(1), at(8)),
        ([(0.5, TAKEN)], at(1), at(8)),
        ([(3, TAKEN)], at(1), at(8)),
        # paused on hold; what was used up before stays used up
        ([(0.5, TAKEN), (2, HOLD)], at(1), None),
        ([(0.5, TAKEN), (2, HOLD), (5, IncidentResumed())], at(1), at(11)),
        ([(0.5, TAKEN), (9, HOLD)], at(1), at(8)),
        ([(0.5, TAKEN), (2, HOLD), (5, RESOLVED)], at(1), at(11)),
        ([(0.5, TAKEN), (2, HOLD), (5, IncidentReleased(by=ANNE, group="postes"))], at(1), at(11)),
        # a refusal goes on: the time that the requester took to answer does not count
        ([(0.5, TAKEN), (2, RESOLVED)], at(1), at(8)),
        ([(0.5, TAKEN), (2, RESOLVED), (22, ResolutionRefused(by=ANNE, reason="Non."))], at(1), at(28)),
        # what was opened again begins anew, in the queue or with the agent who had it
        ([(0.5, TAKEN), (2, CLOSED), (31, IncidentReopened(by=ANNE, reason="Encore."))], at(32), at(39)),
        (
            [(0.5, TAKEN), (2, CLOSED), (31, IncidentReopened(by=ANNE, reason="Encore.", responsible=ANNE.id))],
            at(32),
            at(39),
        ),
        # what nobody took and was withdrawn is no longer expected
        ([(0.5, IncidentCancelled(by=ANNE, reason="Erreur."))], at(1), at(8)),
    ],
)
def test_due_times(story: list[tuple[float, Event]], take: datetime, resolve: datetime | None) -> None:
    assert found(*story) == Dues(take, resolve)


def test_before_it_is_routed_the_group_of_its_subject_counts() -> None:
    fresh = evolve(None, created(ANNE), at(0))
    assert fresh is not None
    assert dues(Case("poste", Urgency.HIGH, fresh), CATALOGUE) == Dues(at(1), at(8))


def test_hosts_whose_clocks_differ_do_no_harm() -> None:
    assert found((-0.25, TAKEN), (-0.5, RESOLVED)) == Dues(at(1), at(8))


def test_urgency_and_subject_choose_the_target() -> None:
    assert found(urgency=Urgency.NORMAL) == Dues(at(4), at(10) + timedelta(hours=10))
    assert dues(Case("inconnu", Urgency.NORMAL, clocks()), CATALOGUE) == Dues(None, None)


def test_a_transfer_goes_on_by_the_calendar_of_the_other_group() -> None:
    moved = IncidentTransferred(by=ANNE, from_group="postes", group="reseau")
    # Nine of ten hours of Monday are used up at 17:00; the network works at night.
    assert found((9, moved), urgency=Urgency.NORMAL).resolve == at(9) + timedelta(hours=11)


def test_a_calendar_that_changes_moves_the_due_times() -> None:
    closed = CalendarDefined(
        calendar="days", label="Jours", timezone="Europe/Paris", open=DAYS.open, closed=("2026-11-23",)
    )
    assert found(catalogue=CATALOGUE.evolve(closed)) == Dues(at(11), at(18))


def test_a_calendar_that_cannot_be_read_counts_nothing() -> None:
    broken = CalendarDefined(calendar="days", label="Jours", timezone="Europe/Nantes", open=DAYS.open)
    assert found(catalogue=CATALOGUE.evolve(broken)) == Dues(None, None)


def test_three_quarters_of_a_target() -> None:
    case = Case("poste", Urgency.HIGH, clocks())
    assert due(case, Target.TAKE, CATALOGUE, 0.75) == at(0.75)
    assert due(case, Target.RESOLVE, CATALOGUE, 0.75) == at(6)


def test_next_comes_what_is_not_met_yet() -> None:
    assert next_due(clocks(), found()) == at(1)
    taken = (0.5, TAKEN)
    assert next_due(clocks(taken), found(taken)) == at(8)
    for story in ([taken, (2, HOLD)], [taken, (2, RESOLVED)], [taken, (2, CLOSED)]):
        assert next_due(clocks(*story), found(*story)) is None


def test_what_changes_nothing_gives_the_same_clocks() -> None:
    before = clocks((0.5, TAKEN))
    assert evolve(before, NoteAdded(by=ANNE, text="Vu."), at(1)) is before
    assert evolve(None, TAKEN, at(1)) is None


steps = st.lists(
    st.tuples(
        st.floats(0.01, 30),
        st.sampled_from([TAKEN, HOLD, IncidentResumed(), RESOLVED, ResolutionRefused(by=ANNE, reason="Non.")]),
    ),
    max_size=8,
)


@settings(deadline=None)
@given(steps, st.sampled_from(Urgency))
def test_at_its_due_time_exactly_the_target_has_passed(story: list[tuple[float, Event]], urgency: Urgency) -> None:
    """What counted before it, by the calendar and outside of holds, is the target to the minute."""
    instant, told = 0.0, []
    for pause, event in story:
        instant += pause
        told.append((instant, event))
    course = clocks(*told)
    resolve = due(Case("poste", urgency, course), Target.RESOLVE, CATALOGUE)
    if resolve is None:
        assert course.pace is Pace.PAUSED
        return
    ends = [(one.start, one.end) for one in course.stretches if one.start < resolve]
    if course.pace is Pace.STOPPED:
        ends = [*ends[:-1], (ends[-1][0], None)]
    counted = [working_time(DAYS).between(start, min(end or resolve, resolve)) for start, end in ends]
    assert sum(counted, timedelta()) == timedelta(minutes=RESOLVE[urgency])
