"""Which incidents an agent is shown that may say the same as another."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from services.portal.upstream.http import Refused, ServiceDown
from services.portal.visit import Visit
from shared.wire.incidents import IncidentDetail, IncidentItem

#: How old they are at most, and how many are looked at.
_RECENT: Final = timedelta(hours=24)
_LOOKED_AT: Final = 6


async def alike(visit: Visit, incident: IncidentDetail) -> list[IncidentItem]:
    """Other incidents on the same subject that run and were recorded lately, newest first.

    None where query cannot say: a number can still be typed.
    """
    try:
        found = await visit.query.incidents(
            status="open", subject=incident.subject, scope="all", sort="-recorded_at", limit=_LOOKED_AT
        )
    except (ServiceDown, Refused):
        return []
    since = visit.site.now() - _RECENT
    return [item for item in found.items if item.number != incident.number and item.recorded_at >= since]
