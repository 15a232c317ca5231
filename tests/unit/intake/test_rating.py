"""What the requester's side thinks of how it was helped: who may say so, and when."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from services.intake.incident import commands as c
from shared.events import incident as events
from tests.unit.intake.test_incident import (
    CANCELLED,
    CLAIRE,
    CLOSED,
    CREATED,
    HUGO,
    NADIA,
    RESOLVED,
    ROUTED,
    TAKEN,
    agent,
    given,
    requester,
    state_of,
    stranger,
    supervisor,
)

RATE = c.Rate(rating=4, text="Rapide.")
SOLVED = (CREATED, ROUTED, TAKEN, RESOLVED)


@pytest.mark.parametrize("history", [SOLVED, (*SOLVED, CLOSED)], ids=["resolved", "closed"])
def test_who_asked_says_what_they_think(history):
    given(*history).when(requester, RATE).then(events.SatisfactionRated(by=CLAIRE, rating=4, text="Rapide."))


def test_so_does_whom_it_was_asked_for():
    given(replace(CREATED, beneficiary=HUGO), ROUTED, TAKEN, RESOLVED).when(stranger, c.Rate(rating=1)).then(
        events.SatisfactionRated(by=HUGO, rating=1)
    )


def test_they_may_change_their_mind_and_nothing_else_changes():
    rated = events.SatisfactionRated(by=CLAIRE, rating=2)
    given(*SOLVED, CLOSED, rated).when(requester, c.Rate(rating=5)).then(events.SatisfactionRated(by=CLAIRE, rating=5))
    before, after = state_of((*SOLVED, CLOSED)), state_of((*SOLVED, CLOSED, rated))
    assert before is not None
    assert after == replace(before, version=before.version + 1)


@pytest.mark.parametrize("history", [(), (ROUTED, TAKEN), (ROUTED, CANCELLED)], ids=["new", "taken", "cancelled"])
def test_nobody_was_helped_yet(history):
    given(CREATED, *history).when(requester, RATE).refused("status")


@pytest.mark.parametrize("actor", [agent, supervisor], ids=["agent", "supervisor"])
def test_nobody_judges_in_the_place_of_those_who_were_helped(actor):
    given(*SOLVED).when(actor, RATE).refused("concerned", 403)


def test_not_even_who_wrote_it_down_for_them():
    given(replace(CREATED, recorded_by=NADIA), ROUTED, TAKEN, RESOLVED).when(agent, RATE).refused("concerned", 403)


def test_for_others_it_does_not_exist():
    given(*SOLVED).when(stranger, RATE).refused("not-found", 404)
