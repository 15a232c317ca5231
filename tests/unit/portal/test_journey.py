"""Which step of an incident's life an address shows, and what is said of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from services.portal.pages.journey import Told, chosen, says, told
from shared.events.vocabulary import Status, Urgency
from shared.wire.past import JourneyStep, Standing

NOON = datetime(2018, 11, 6, 11, tzinfo=UTC)
BEFORE = Standing(
    status=Status.TO_HANDLE,
    status_label="À prendre en compte",
    group="messagerie",
    group_label="Messagerie",
    responsible=None,
    urgency=Urgency.NORMAL,
    urgency_label="Normale",
    subject="messagerie.acces",
    subject_label="Messagerie : connexion",
    hold=None,
    hold_label=None,
    hold_until=None,
    documents=0,
    take_due_at=NOON,
)


def step(minutes: int, **changes: Any) -> JourneyStep:
    fields = {"version": 1, "type": "IncidentTaken", "at": NOON + timedelta(minutes=minutes), "shape": "fact"}
    fields |= {"by": None, "title": "Pris en compte", "text": "", "standing": BEFORE, "changed": []}
    return JourneyStep(**fields | changes)


STEPS = [step(0), step(0), step(10)]


@pytest.mark.parametrize(
    ("place", "instant", "shown"),
    [
        ("", "", 1),
        ("2", "", 2),
        ("0", "", 1),
        ("99", "", 3),
        ("9" * 5_000, "", 3),
        ("²", "", 1),
        ("-1", "", 1),
        ("", "2018-11-06T12:00:00+01:00", 2),
        ("", "2018-11-06T11:09:59Z", 2),
        ("", "2018-11-06T11:10:00Z", 3),
        ("", "2001-01-01T00:00:00Z", 1),
        ("", "2018-11-06T12:00:00", 1),
        ("", "midi", 1),
    ],
)
def test_the_nearest_step_is_shown(place: str, instant: str, shown: int) -> None:
    assert chosen(STEPS, place, instant) == shown


def test_a_step_is_said_with_its_place() -> None:
    assert says(STEPS[2], 3, 3) == "Étape 3 sur 3\u00a0: Pris en compte, 06/11/2018 12:10:00"


def test_what_changed_says_what_it_was() -> None:
    after = msgspec.structs.replace(
        BEFORE, status=Status.IN_PROGRESS, status_label="En cours", responsible="Anne d'Arc", take_due_at=None
    )
    lines = {line.label: line for line in told(after, BEFORE, is_agent=True)}
    assert lines["Statut"] == Told("Statut", "En cours", "À prendre en compte")
    assert lines["Responsable"] == Told("Responsable", "Anne d'Arc", "-")
    assert lines["Objet"] == Told("Objet", "Messagerie\u00a0: connexion", None)
    assert lines["Documents"] == Told("Documents", "-", None)
    assert lines["À prendre en compte avant"] == Told("À prendre en compte avant", "-", "06/11/2018 12:00:00")


def test_the_first_step_changes_nothing_and_requesters_are_told_no_due_times() -> None:
    lines = told(BEFORE, None, is_agent=False)
    assert {line.before for line in lines} == {None}
    assert not {line.label for line in lines} & {"À prendre en compte avant", "À résoudre avant"}
