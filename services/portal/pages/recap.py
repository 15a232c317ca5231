"""What the confirmation page repeats: from query when it knows the incident already, otherwise from what was sent."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from services.portal.drafts.store import Draft
from services.portal.upstream.http import Refused, ServiceDown
from services.portal.visit import Visit
from shared.events.vocabulary import Urgency
from shared.wire.incidents import IncidentDetail
from shared.wire.recorded import Created

_LASTS: Final = 3600
_NOT_FOUND: Final = 404


class Recap(msgspec.Struct, frozen=True, kw_only=True):
    """An incident just after it was recorded. `group_label` is None until it was routed."""

    number: str
    recorded_at: datetime
    subject: str = ""
    subject_label: str
    description: str = ""
    group_label: str | None
    routed: bool
    urgency: Urgency
    phone: str
    availability: str
    beneficiary: str | None
    documents: list[str]


def _key(owner: str, number: str) -> str:
    return f"portal:recap:{owner}:{number}"


async def remember(visit: Visit, created: Created, draft: Draft) -> None:
    """Keep what was sent for the page that follows."""
    subjects = await visit.site.catalogue.subjects(visit.query)
    chosen = next((item for item in subjects if item.subject == draft.fields.get("subject")), None)
    recap = Recap(
        number=created.number,
        recorded_at=created.recorded_at,
        subject=draft.fields.get("subject", ""),
        description=draft.fields.get("description", ""),
        subject_label=chosen.label if chosen else draft.fields.get("subject", ""),
        group_label=chosen.group_label if chosen else None,
        routed=False,
        urgency=msgspec.convert(draft.fields["urgency"], Urgency),
        phone=draft.fields.get("phone", ""),
        availability=draft.fields.get("availability", ""),
        beneficiary=draft.fields.get("beneficiary_name") or None,
        documents=[file.filename for file in draft.files],
    )
    await visit.site.redis.set(_key(visit.owner, created.number), msgspec.json.encode(recap), ex=_LASTS)


async def recap_of(visit: Visit, number: str) -> Recap:
    """The incident as its requester may see it now.

    Raises:
        Refused: it is not theirs.
        ServiceDown: query is away, and nothing was sent from here lately.
    """
    try:
        return await _from_detail(visit, await visit.query.incident(number))
    except (ServiceDown, Refused) as error:
        if isinstance(error, Refused) and error.status != _NOT_FOUND:
            raise
        packed = await visit.site.redis.get(_key(visit.owner, number))
        if packed is None:
            raise
        return msgspec.json.decode(packed, type=Recap)


async def _from_detail(visit: Visit, detail: IncidentDetail) -> Recap:
    """Until it was routed, the group is the one that the catalogue names for the subject."""
    subjects = await visit.site.catalogue.subjects(visit.query)
    expected = next((item.group_label for item in subjects if item.subject == detail.subject), None)
    return Recap(
        number=detail.number,
        recorded_at=detail.recorded_at,
        subject=detail.subject,
        description=detail.description,
        subject_label=detail.subject_label,
        group_label=detail.group_label or expected,
        routed=detail.group is not None,
        urgency=detail.urgency,
        phone=detail.phone,
        availability=detail.availability,
        beneficiary=detail.beneficiary.name if detail.beneficiary else None,
        documents=[document.filename for document in detail.documents],
    )
