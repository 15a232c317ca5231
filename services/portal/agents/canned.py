"""Canned texts: filled in for an incident and an agent, and put into what is being written."""

from __future__ import annotations

import time
from typing import NamedTuple

from services.portal.drafts.receiving import Received
from services.portal.upstream.http import Refused, ServiceDown
from services.portal.visit import Visit
from shared.canned import filled, suits
from shared.typography import french
from shared.wire.agents import CannedText
from shared.wire.incidents import IncidentDetail


class Offer(NamedTuple):
    """A canned text, ready for an incident."""

    code: str
    label: str
    text: str


async def offers(visit: Visit, incident: IncidentDetail) -> list[Offer]:
    """The canned texts that suit an incident, as this agent would send them; none while query is away."""
    try:
        known = await visit.site.catalogue.canned(visit.query)
    except (ServiceDown, Refused):
        return []
    values = _values(incident, visit.person.name)
    return [_offer(one, values) for one in known if suits(one, incident.subject, incident.group)]


async def insert(visit: Visit, number: str, received: Received) -> None:
    """Add the chosen text to the draft, for those without a script; with one, the page does it by itself."""
    incident = await visit.query.incident(number)
    chosen = [one.text for one in await offers(visit, incident) if one.code == received.posted.get("canned")]
    draft = received.draft
    text = "\n\n".join(filter(None, [draft.fields.get("text", "").strip(), *chosen]))
    await visit.site.drafts.keep(visit.owner, draft.id, draft.form, {"text": text}, now=time.time())


def _offer(canned: CannedText, values: dict[str, str]) -> Offer:
    # Spaces are put right in what we wrote, never in a name.
    return Offer(canned.canned, canned.label, filled(french(canned.text), values))


def _values(incident: IncidentDetail, agent: str) -> dict[str, str]:
    """What is filled in for the placeholders of `shared.canned`."""
    return {
        "demandeur": incident.requester.name,
        "numero": incident.number,
        "objet": french(incident.subject_label),
        "agent": agent,
        "groupe": french(incident.group_label or "CeCoIA"),
    }
