"""The rules of mergers: which incident may go on in which, and what both record of it."""

from __future__ import annotations

from uuid import UUID

import pytest
from msgspec.structs import replace

from services.intake.incident import commands as c
from services.intake.incident.merging import taken_in
from shared.events import incident as events
from shared.events.base import Event
from tests.unit.intake.test_incident import (
    ASKED,
    CANCELLED,
    CLOSED,
    CREATED,
    NADIA,
    RESOLVED,
    ROUTED,
    SOPHIE,
    TAKEN,
    agent,
    given,
    network_agent,
    other_agent,
    requester,
    state_of,
    stranger,
    supervisor,
)

DUPLICATE = events.Tie(number="1181106_0230", stream=UUID(int=230))
LEADER = events.Tie(number="1181106_0231", stream=UUID(int=231))
FURTHER = events.Tie(number="1181106_0232", stream=UUID(int=232))
THIS = replace(CREATED, number=DUPLICATE.number)
OTHER = replace(CREATED, number=LEADER.number)
MERGED = events.IncidentsMerged(by=NADIA, into=LEADER)


def into(*history: Event, tie: events.Tie = LEADER) -> c.Merge:
    """The command, with the other incident as these events have it."""
    state = state_of(history or (OTHER, ROUTED))
    assert state is not None
    return c.Merge(into=tie.number, leader=c.Leader(stream=tie.stream, state=state))


@pytest.mark.parametrize("life", [(), (TAKEN,), (TAKEN, ASKED)])
def test_an_open_incident_goes_on_in_another(life):
    given(THIS, ROUTED, *life).when(agent, into()).then(MERGED)


@pytest.mark.parametrize("life", [(), (TAKEN,), (TAKEN, ASKED), (TAKEN, RESOLVED)])
def test_the_other_one_must_still_run(life):
    given(THIS, ROUTED).when(agent, into(OTHER, ROUTED, *life)).then(MERGED)


@pytest.mark.parametrize(
    ("end", "code", "words"),
    [
        (CLOSED, "leader-ended", "«\u00a0Clôturé\u00a0»"),
        (CANCELLED, "leader-ended", "«\u00a0Annulé\u00a0»"),
        (events.IncidentsMerged(by=NADIA, into=FURTHER), "leader-merged", "lui-même regroupé"),
    ],
)
def test_it_does_not_go_on_in_one_that_ended(end, code, words):
    rule = given(THIS, ROUTED).when(agent, into(OTHER, ROUTED, end))
    rule.refused(code)
    assert words in rule.sentence


def test_it_does_not_go_on_in_itself():
    given(THIS, ROUTED).when(agent, into(THIS, ROUTED, tie=DUPLICATE)).refused("same-incident")


@pytest.mark.parametrize("life", [(TAKEN, RESOLVED), (CLOSED,), (CANCELLED,), (MERGED,)])
def test_what_waits_for_nobody_of_the_assistance_is_not_merged(life):
    given(THIS, ROUTED, *life).when(agent, into()).refused("status")


def test_what_is_merged_stays_so():
    for command in (c.Update(text="Encore"), c.Take(), c.Reply(text="Bonjour"), c.Reopen(text="Encore")):
        given(THIS, ROUTED, MERGED).when(agent, command).refused("status")
    given(THIS, ROUTED, MERGED).when(requester, c.Update(text="Encore")).refused("status")


def test_who_merges_it():
    given(THIS, ROUTED).when(requester, into()).refused("role", 403)
    given(THIS, ROUTED).when(stranger, into()).refused("not-found", 404)
    given(THIS, ROUTED).when(network_agent, into()).refused("group", 403)
    given(THIS, ROUTED, TAKEN).when(other_agent, into()).refused("already-taken")
    given(THIS, ROUTED, TAKEN).when(supervisor, into()).then(replace(MERGED, by=SOPHIE))


def test_the_other_one_knows_what_goes_on_in_it_and_what_went_on_before():
    first = state_of((THIS, ROUTED))
    assert first is not None
    added = taken_in(first, DUPLICATE.stream, NADIA)
    assert added == events.DuplicatesAdded(by=NADIA, duplicates=(DUPLICATE,))
    second = state_of((OTHER, ROUTED, added))
    assert second is not None
    assert taken_in(second, LEADER.stream, NADIA).duplicates == (LEADER, DUPLICATE)
    given(OTHER, ROUTED, added).when(agent, c.Reply(text="Bonjour")).then(events.ReplySent(by=NADIA, text="Bonjour"))
