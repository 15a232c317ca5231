"""The rules of transfers and holds: where an incident goes, what it waits for, and what lets it go on."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from services.intake.incident import commands as c
from shared.events import incident as events
from shared.events.vocabulary import HoldReason
from tests.unit.intake.test_incident import (
    ASKED,
    AWAY,
    CLAIRE,
    CREATED,
    HUGO,
    LUCAS,
    NADIA,
    RELEASED,
    RESOLVED,
    ROUTED,
    SOPHIE,
    TAKEN,
    agent,
    attached,
    file,
    given,
    network_agent,
    other_agent,
    requester,
    stranger,
    supervisor,
)

# ── transfer ────────────────────────────────────────────────────────────────


def test_it_goes_to_another_group_and_is_nobodys():
    command = c.Transfer(group="reseau", text="C’est le Wi-Fi")
    expected = events.IncidentTransferred(by=NADIA, from_group="messagerie", group="reseau", text="C’est le Wi-Fi")
    given(CREATED, ROUTED).when(agent, command).then(expected)
    given(CREATED, ROUTED, TAKEN).when(agent, command).then(expected)
    given(CREATED, ROUTED, TAKEN, expected).when(network_agent, c.Take()).then(
        events.IncidentTaken(by=LUCAS, group="reseau")
    )


def test_another_subject_brings_its_group():
    command = c.Transfer(group="reseau", subject="reseau.wifi")
    expected = events.IncidentTransferred(by=NADIA, from_group="messagerie", group="reseau", subject="reseau.wifi")
    given(CREATED, ROUTED).when(agent, command).then(expected)


def test_another_subject_of_the_same_group_is_a_change():
    command = c.Transfer(group="messagerie", subject="messagerie.envoi")
    expected = events.IncidentTransferred(
        by=NADIA, from_group="messagerie", group="messagerie", subject="messagerie.envoi"
    )
    given(CREATED, ROUTED).when(agent, command).then(expected)
    given(CREATED, ROUTED, expected).when(agent, command).refused("same-group")


@pytest.mark.parametrize("subject", [None, CREATED.subject])
def test_it_is_not_transferred_to_where_it_is(subject):
    given(CREATED, ROUTED).when(agent, c.Transfer(group="messagerie", subject=subject)).refused("same-group")


def test_what_waits_for_no_group_yet_cannot_be_transferred():
    given(CREATED).when(supervisor, c.Transfer(group="reseau")).refused("not-routed")


def test_who_transfers_it():
    command = c.Transfer(group="postes")
    given(CREATED, ROUTED).when(network_agent, command).refused("group", 403)
    given(CREATED, ROUTED, TAKEN).when(other_agent, command).refused("already-taken")
    given(CREATED, ROUTED, TAKEN).when(supervisor, command).then(
        events.IncidentTransferred(by=SOPHIE, from_group="messagerie", group="postes")
    )
    given(CREATED, ROUTED, TAKEN, RESOLVED).when(agent, command).refused("status")


def test_who_transferred_it_may_mend_that_until_somebody_begins():
    away = events.IncidentTransferred(by=NADIA, from_group="messagerie", group="reseau")
    back = events.IncidentTransferred(by=NADIA, from_group="reseau", group="messagerie")
    command = c.Transfer(group="messagerie")
    given(CREATED, ROUTED, away).when(agent, command).then(back)
    given(CREATED, ROUTED, away, events.NoteAdded(by=LUCAS, text="Vu")).when(agent, command).then(back)
    given(CREATED, ROUTED, away).when(other_agent, command).refused("group", 403)
    taken = events.IncidentTaken(by=LUCAS, group="reseau")
    given(CREATED, ROUTED, away, taken).when(agent, command).refused("already-taken")
    released = events.IncidentReleased(by=LUCAS, group="reseau")
    given(CREATED, ROUTED, away, taken, released).when(agent, command).refused("group", 403)


# ── hold, resume ────────────────────────────────────────────────────────────

SOON = datetime(2026, 12, 1, tzinfo=UTC)


def test_what_was_taken_is_put_on_hold():
    command = c.Hold(reason=HoldReason.DATE, until=SOON, text="Après les vacances")
    expected = events.IncidentPutOnHold(by=NADIA, reason=HoldReason.DATE, until=SOON, text="Après les vacances")
    given(CREATED, ROUTED, TAKEN).when(agent, command).then(expected)
    given(CREATED, ROUTED).when(agent, command).refused("status")
    given(CREATED, ROUTED, TAKEN, expected).when(agent, command).refused("status")


def test_what_is_on_hold_is_resumed():
    given(CREATED, ROUTED, TAKEN, AWAY).when(agent, c.Resume()).then(events.IncidentResumed(by=NADIA))
    given(CREATED, ROUTED, TAKEN).when(agent, c.Resume()).refused("status")
    given(CREATED, ROUTED, TAKEN, AWAY, RELEASED).when(agent, c.Resume()).refused("status")


@pytest.mark.parametrize("side", ["requester", "beneficiary"])
def test_an_answer_resumes_what_waited_for_it(side):
    created = msgspec.structs.replace(CREATED, **({"requester": LUCAS} | {side: HUGO}))
    history = (created, ROUTED, TAKEN, ASKED)
    resumed = events.IncidentResumed(by=HUGO)
    command = c.Update(text="Oui", files=(file(1),))
    updated = events.IncidentUpdated(by=HUGO, text="Oui")
    given(*history).when(stranger, command).then(updated, attached(1, HUGO), resumed)
    given(*history).when(stranger, c.Attach(files=(file(1),))).then(attached(1, HUGO), resumed)
    given(*history).when(stranger, c.Attach(files=())).then()


def test_what_waits_for_something_else_is_not_resumed_by_an_answer():
    updated = events.IncidentUpdated(by=CLAIRE, text="Alors ?")
    given(CREATED, ROUTED, TAKEN, AWAY).when(requester, c.Update(text="Alors ?")).then(updated)
    given(CREATED, ROUTED, TAKEN, ASKED, AWAY).when(requester, c.Update(text="Alors ?")).then(updated)
    given(CREATED, ROUTED, TAKEN, ASKED, RELEASED).when(requester, c.Update(text="Alors ?")).then(updated)


def test_what_an_agent_adds_is_no_answer():
    given(CREATED, ROUTED, TAKEN, ASKED).when(agent, c.Update(text="Rappelée")).then(
        events.IncidentUpdated(by=NADIA, text="Rappelée")
    )
