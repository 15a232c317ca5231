"""An incident that says the same as another goes on in that one: when it may, and what both record. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from services.intake.incident.commands import Leader
from services.intake.incident.state import State
from shared.events.base import Person
from shared.events.incident import DuplicatesAdded, IncidentsMerged, Tie
from shared.events.vocabulary import Status
from shared.life import RUNNING

#: The sentence of each obstacle.
REFUSALS: Final[Mapping[str, str]] = {
    "same-incident": "Un incident ne se regroupe pas avec lui-même\u00a0: indiquez le numéro de l’autre.",
    "leader-merged": "L’autre incident est lui-même regroupé\u00a0: choisissez celui dans lequel il l’est.",
    "leader-ended": "L’autre incident est au statut «\u00a0{status}\u00a0»\u00a0: choisissez un incident en cours.",
}


def obstacle(state: State, leader: State) -> str | None:
    """Why an incident cannot go on in another: the code of a refusal; None when it can.

    What is merged stays so and takes nothing in: no chain of incidents leads back to where it began.
    """
    if leader.number == state.number:
        return "same-incident"
    if leader.status is Status.MERGED:
        return "leader-merged"
    return None if leader.status in RUNNING else "leader-ended"


def merged(leader: Leader, by: Person) -> IncidentsMerged:
    """What the incident records."""
    return IncidentsMerged(by=by, into=Tie(number=leader.state.number, stream=leader.stream))


def taken_in(state: State, stream: UUID, by: Person) -> DuplicatesAdded:
    """What the other one records: it knows at once whatever goes on in it, also what came with the incident.

    Args:
        state: of the incident that goes on in it.
        stream: of that incident.
        by: who says so.
    """
    return DuplicatesAdded(by=by, duplicates=(Tie(number=state.number, stream=stream), *state.duplicates))
