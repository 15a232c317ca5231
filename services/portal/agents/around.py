"""Around an incident, for agents: why it is here, its neighbours, its events as they are."""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

import msgspec

from services.portal.agents.canned import Offer, offers
from services.portal.agents.presence import Someone
from services.portal.upstream.http import Refused, ServiceDown
from services.portal.visit import Visit
from shared.wire.agents import Beside, RawEvent
from shared.wire.incidents import IncidentDetail


class Around(NamedTuple):
    """What stands around an incident, `beside` None where nobody could say; `present` are those who look at it too."""

    beside: Beside | None
    canned: list[Offer]
    present: list[Someone]


class Line(NamedTuple):
    """An event of the journal, and what it says as indented JSON."""

    event: RawEvent
    json: str


async def around(visit: Visit, incident: IncidentDetail) -> Around:
    """Ask for all of it at once; the page of the incident goes without what does not come."""
    return Around(
        *await asyncio.gather(
            _beside(visit, incident.number),
            offers(visit, incident),
            visit.site.presence.look(incident.number, visit.person),
        )
    )


async def _beside(visit: Visit, number: str) -> Beside | None:
    try:
        return await visit.query.beside(number)
    except (ServiceDown, Refused):
        return None


async def raw_lines(visit: Visit, number: str) -> list[Line]:
    """The events of an incident as they are; none where nobody could say."""
    try:
        events = (await visit.query.raw_events(number)).items
    except (ServiceDown, Refused):
        return []
    return [Line(event, _indented(event.data)) for event in events]


def _indented(data: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode()
