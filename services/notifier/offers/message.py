"""What a program is told of an incident that waits for its group: on the broker, and over webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import msgspec

from services.notifier.asked import asked
from shared.catalogue import Catalogue
from shared.events import registry
from shared.events.incident import IncidentReleased, IncidentRouted, IncidentTaken, IncidentTransferred
from shared.events.vocabulary import Kind, Urgency
from shared.journal.records import StoredEvent


def _told(description: str) -> msgspec.Meta:
    return msgspec.Meta(description=description)


class RoutedIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that waits for a group. Nothing personal is in it; fields may be added."""

    number: Annotated[str, _told("number of the incident, as people read it: `1181106_0230`")]
    position: Annotated[str, _told("opaque; the same in every message about this waiting, another when it waits anew")]
    subject: Annotated[str, _told("code of its subject in the catalogue")]
    urgency: Annotated[Urgency, _told("how much its requester is held up")]
    kind: Annotated[Kind, _told("whether something is broken or wanted")]
    group: Annotated[str, _told("code of the group that it waits for")]
    routed_at: Annotated[str, _told("instant since which it waits, with its offset")]
    url: Annotated[str, _told("where it can be read, with a token")]


def routed_incident(
    events: Sequence[StoredEvent], cause: UUID, catalogue: Catalogue, query_url: str
) -> RoutedIncident | None:
    """What programs are told of an incident; None where it waits for no group yet.

    Args:
        events: of the incident, oldest first; their texts stay sealed.
        cause: id of the event that lets it wait; it is among them.
        catalogue: says what its subject is about.
        query_url: address of the read side.
    """
    at = next(stored for stored in events if stored.event_id == cause)
    group = waits_for(events[: at.version])
    if group is None:
        return None
    subject, urgency = asked(registry.decode(stored.data) for stored in events)
    return RoutedIncident(
        number=at.number or "",
        position=at.position.encode(),
        subject=subject,
        urgency=urgency,
        kind=catalogue.kind_of(subject),
        group=group,
        routed_at=at.recorded_at.isoformat(),
        url=f"{query_url.rstrip('/')}/v1/incidents/{at.number}",
    )


def waits_for(events: Sequence[StoredEvent]) -> str | None:
    """The group that an incident waits for after these events; None before it is routed."""
    for stored in reversed(events):
        match registry.decode(stored.data):
            case (
                IncidentRouted(group=group)
                | IncidentTransferred(group=group)
                | IncidentTaken(group=group)
                | IncidentReleased(group=group)
            ):
                return group
            case _:
                pass
    return None
