"""The rules of known errors, and of the incidents that come of them."""

from __future__ import annotations

import pytest

from services.intake.incident import commands as c
from services.intake.incident.deciding import Refusal
from services.intake.knowledge.errors import check_links, retire, state_after
from shared.events import incident as events
from shared.events.knowledge import KnownErrorPublished, KnownErrorRetired
from shared.events.vocabulary import KnownErrorState
from tests.unit.intake.test_incident import (
    CANCELLED,
    CREATED,
    NADIA,
    RESOLVED,
    ROUTED,
    SOPHIE,
    TAKEN,
    agent,
    given,
    requester,
    stranger,
)

NUMBER = "E181106_0001"
PUBLISHED = KnownErrorPublished(
    number=NUMBER,
    by=NADIA,
    title="Envoi refusé",
    symptoms="Code 535",
    workaround="Le webmail marche.",
    subjects=["messagerie.envoi"],
)
SOLVED = KnownErrorRetired(number=NUMBER, by=SOPHIE, text="Serveur réparé.", solved=True)
WITHDRAWN = KnownErrorRetired(number=NUMBER, by=SOPHIE, text="Un doublon.", solved=False)
LINKED = events.KnownErrorLinked(by=NADIA, known_error=NUMBER)

# ── the known error ─────────────────────────────────────────────────────────


def test_it_is_retired_once_with_its_number() -> None:
    assert retire([PUBLISHED], SOPHIE, "Serveur réparé.", solved=True) == SOLVED
    assert retire([PUBLISHED], SOPHIE, "Un doublon.", solved=False) == WITHDRAWN
    with pytest.raises(Refusal) as refusal:
        retire([PUBLISHED, WITHDRAWN], SOPHIE, "Encore.", solved=True)
    assert (refusal.value.code, refusal.value.status) == ("retired", 409)


@pytest.mark.parametrize("history", [[], [CREATED]], ids=["nothing", "an incident"])
def test_what_is_no_known_error_cannot_be_retired(history: list[events.Event]) -> None:
    with pytest.raises(Refusal) as refusal:
        retire(history, SOPHIE, "Réparé.", solved=True)
    assert (refusal.value.code, refusal.value.status) == ("not-found", 404)


def test_its_state() -> None:
    assert state_after([CREATED]) is None
    assert state_after([PUBLISHED]) is KnownErrorState.OPEN
    assert state_after([PUBLISHED, SOLVED]) is KnownErrorState.SOLVED
    assert state_after([PUBLISHED, WITHDRAWN]) is KnownErrorState.WITHDRAWN


def test_only_what_still_explains_something_can_be_linked() -> None:
    check_links(KnownErrorState.OPEN, resolves=False)
    check_links(KnownErrorState.SOLVED, resolves=True)
    for state, resolves in [
        (None, False),
        (None, True),
        (KnownErrorState.SOLVED, False),
        (KnownErrorState.WITHDRAWN, True),
    ]:
        with pytest.raises(ValueError, match="Cette erreur connue"):
            check_links(state, resolves=resolves)


# ── the incident ────────────────────────────────────────────────────────────


def test_an_incident_is_linked_once_and_stays_where_it_is() -> None:
    command = c.Link(known_error=NUMBER)
    given(CREATED, ROUTED).when(agent, command).then(LINKED)
    given(CREATED, ROUTED, TAKEN, RESOLVED).when(agent, command).then(LINKED)
    given(CREATED, ROUTED, LINKED).when(agent, command).refused("linked")
    another = events.KnownErrorLinked(by=NADIA, known_error="E181106_0002")
    given(CREATED, ROUTED, LINKED).when(agent, c.Link(known_error="E181106_0002")).then(another)


def test_who_links_and_until_when() -> None:
    command = c.Link(known_error=NUMBER)
    given(CREATED, ROUTED).when(requester, command).refused("role", 403)
    given(CREATED, ROUTED).when(stranger, command).refused("not-found", 404)
    given(CREATED, ROUTED, CANCELLED).when(agent, command).refused("status")


def test_what_is_resolved_by_a_known_error_is_linked_to_it() -> None:
    command = c.Resolve(text="Réparé.", known_error=NUMBER)
    resolved = events.IncidentResolved(by=NADIA, text="Réparé.", known_error=NUMBER)
    given(CREATED, ROUTED, TAKEN).when(agent, command).then(LINKED, resolved)
    given(CREATED, ROUTED, TAKEN, LINKED).when(agent, command).then(resolved)
