"""A new incident that follows one which ended for good: which ones can be followed, by whom. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from services.intake.incident.state import State
from shared.events.base import Person
from shared.events.vocabulary import Status
from shared.permits import Place, can_be_followed, is_old

#: The sentence of each obstacle.
REFUSALS: Final[Mapping[str, str]] = {
    "follows-other": "L’incident auquel celui-ci ferait suite est celui d’une autre personne.",
    "follows-open": "L’incident auquel celui-ci ferait suite est encore en cours\u00a0: mettez-le à jour.",
    "follows-young": "L’incident auquel celui-ci ferait suite peut encore être rouvert\u00a0: rouvrez-le.",
}


def obstacle(former: State, requester: Person, at: datetime, reopening: timedelta) -> str | None:
    """Why an incident cannot be followed by a new one: the code of a refusal; None when it can.

    Args:
        former: the incident to be followed.
        requester: of the new one.
        at: when.
        reopening: for how long an incident that was closed may be opened again.
    """
    if requester.id not in former.people:
        return "follows-other"
    place = Place(former.status, former.group, former.responsible, is_old(former.closed_at, at, reopening))
    if can_be_followed(place):
        return None
    return "follows-young" if former.status is Status.CLOSED else "follows-open"
