"""The rules of incidents that follow one which ended for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from shared.events.base import Event
from tests.unit.intake.test_incident import (
    CANCELLED,
    CLAIRE,
    CLOSED,
    CREATE,
    CREATED,
    HUGO,
    LIMITS,
    NADIA,
    RESOLVED,
    ROUTED,
    TAKEN,
    agent,
    given,
    requester,
    state_of,
    stranger,
)
from tests.unit.intake.test_merging import MERGED

FORMER = "1181001_0007"
LONG_AFTER = LIMITS.reopening + timedelta(seconds=1)
FOLLOWING = replace(CREATED, follows=FORMER)


def following(*life: Event, **created):
    """The command of somebody whose earlier incident had that life."""
    return replace(CREATE, follows=FORMER, former=state_of((replace(CREATED, **created), ROUTED, *life)))


@pytest.mark.parametrize("life", [(CANCELLED,), (MERGED,)])
def test_what_cannot_be_opened_again_can_be_followed_at_once(life):
    given().when(requester, following(*life)).then(FOLLOWING)


def test_what_was_closed_can_be_followed_once_it_is_old():
    rule = given().when(requester, following(CLOSED))
    rule.refused("follows-young")
    assert "rouvrez-le" in rule.sentence
    given().when(requester, following(CLOSED), after=LIMITS.reopening).refused("follows-young")
    given().when(requester, following(CLOSED), after=LONG_AFTER).then(FOLLOWING)


@pytest.mark.parametrize("life", [(), (TAKEN,), (TAKEN, RESOLVED)])
def test_what_still_runs_is_updated_instead(life):
    given().when(requester, following(*life), after=LONG_AFTER).refused("follows-open")


def test_it_was_an_incident_of_the_same_person():
    given().when(agent, replace(following(CANCELLED), requester=CLAIRE)).then(replace(FOLLOWING, recorded_by=NADIA))
    given().when(agent, replace(following(CANCELLED), requester=HUGO)).refused("follows-other")
    given().when(stranger, following(CANCELLED, beneficiary=HUGO)).then(
        replace(FOLLOWING, requester=HUGO, recorded_by=HUGO)
    )
