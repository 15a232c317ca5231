"""What a look at an incident's targets comes to."""

from datetime import datetime, timedelta

import pytest

from services.notifier.targets.deciding import Look, began, look
from services.notifier.work.planning import looks_for, moves_targets
from shared.catalogue import Catalogue
from shared.events.base import Event
from shared.events.catalogue import CalendarDefined, GroupDefined, SubjectDefined, Week
from shared.events.incident import (
    IncidentClosed,
    IncidentEscalated,
    IncidentPutOnHold,
    IncidentReopened,
    IncidentResolved,
    IncidentResumed,
    IncidentRouted,
    IncidentTaken,
    IncidentUpdated,
    NoteAdded,
)
from shared.events.vocabulary import ClosedBy, HoldReason, Kind, Stage, Target, Urgency
from tests.unit.notifier.stories import AT, CLAIRE, NADIA, created, story

ALWAYS = Week(**dict.fromkeys(Week.__struct_fields__, ("00:00-24:00",)))
CATALOGUE = Catalogue.of(
    [
        CalendarDefined(calendar="c", label="Toujours", timezone="Europe/Paris", open=ALWAYS),
        GroupDefined(group="messagerie", label="Messagerie", mail="m@x.example", calendar="c"),
        SubjectDefined(
            subject="messagerie.acces",
            label="Messagerie",
            kind=Kind.INCIDENT,
            group="messagerie",
            take={Urgency.NORMAL: 100, Urgency.HIGH: 20},
            resolve={Urgency.NORMAL: 1000, Urgency.HIGH: 200},
        ),
    ]
)
ROUTED = IncidentRouted(group="messagerie", rule="subject", why="objet")
TAKEN = IncidentTaken(by=NADIA, group="messagerie")
HOLD = IncidentPutOnHold(by=NADIA, reason=HoldReason.THIRD_PARTY)


def after(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


def escalated(target: Target, stage: Stage, minutes: float) -> IncidentEscalated:
    return IncidentEscalated(target=target, stage=stage, due_at=after(minutes), group="messagerie")


TAKE_NEAR = escalated(Target.TAKE, Stage.NEAR, 100)
TAKE_MISSED = escalated(Target.TAKE, Stage.MISSED, 100)
RESOLVE_NEAR = escalated(Target.RESOLVE, Stage.NEAR, 1000)
RESOLVE_MISSED = escalated(Target.RESOLVE, Stage.MISSED, 1000)


def looked(*events: Event, at: float, catalogue: Catalogue = CATALOGUE) -> Look:
    """A look after the last event that moves targets; events are a minute apart."""
    told = story((created(), ROUTED), *events)
    cause = [recorded.event_id for recorded in told if moves_targets(recorded.event)][-1]
    return look(told, cause, catalogue, after(at))


@pytest.mark.parametrize(
    ("events", "at", "said", "again"),
    [
        ([], 1, (), 75),
        ([], 74.9, (), 75),
        ([], 75, (TAKE_NEAR,), 100),
        ([TAKE_NEAR], 76, (), 100),
        ([TAKE_NEAR], 100, (TAKE_MISSED,), 750),
        # who was down over both says the worse alone
        ([], 100, (TAKE_MISSED,), 750),
        ([], 5000, (TAKE_MISSED, RESOLVE_MISSED), None),
        ([TAKE_MISSED], 800, (RESOLVE_NEAR,), 1000),
        ([TAKE_MISSED, RESOLVE_MISSED], 5000, (), None),
        ([TAKEN], 90, (), 750),
        ([TAKEN, HOLD], 5000, (), None),
        ([TAKEN, IncidentResolved(by=NADIA, text="Fait.")], 5000, (), None),
        ([IncidentUpdated(by=CLAIRE, urgency=Urgency.HIGH)], 2, (), 15),
    ],
)
def test_a_look(events: list[Event], at: float, said: tuple[Event, ...], again: float | None) -> None:
    assert looked(*events, at=at) == Look(said, None if again is None else after(again))


def test_a_hold_moves_what_comes() -> None:
    assert looked(TAKEN, HOLD, IncidentResumed(), at=4) == Look((), after(751))


def test_what_was_said_holds_until_it_is_opened_again() -> None:
    closed = IncidentClosed(by=NADIA, closed_by=ClosedBy.AGENT)
    again = IncidentReopened(by=CLAIRE, reason="Encore.")
    assert looked(TAKE_MISSED, TAKEN, closed, again, at=104) == Look(
        (escalated(Target.TAKE, Stage.MISSED, 104),), after(754)
    )
    told = story((created(), ROUTED), closed, again)
    assert began(told) == told[-1].event_id


def test_an_earlier_look_leaves_it_to_the_later_one() -> None:
    told = story((created(), ROUTED), TAKEN)
    assert look(told, told[0].event_id, CATALOGUE, after(5000)) == Look()


def test_without_calendar_it_is_looked_at_again_another_day() -> None:
    assert looked(at=5, catalogue=Catalogue()) == Look((), after(5) + timedelta(days=1))


def test_what_was_moved_away_is_not_said_to_be_near_once_it_was_missed() -> None:
    assert looked(escalated(Target.TAKE, Stage.MISSED, 10), at=80) == Look((), after(100))


def test_looks_are_planned_after_what_moves_targets() -> None:
    told = story(
        (created(), ROUTED), TAKEN, NoteAdded(by=NADIA, text="Vu."), HOLD, IncidentResumed(), TAKE_NEAR,
        IncidentUpdated(by=CLAIRE, text="Encore."), IncidentUpdated(by=CLAIRE, urgency=Urgency.HIGH),
    )  # fmt: skip
    assert [work.cause.version for work in looks_for(told)] == [1, 3, 6, 7, 9]
    assert looks_for(told[:1])[0].due_at == AT + timedelta(minutes=1)
