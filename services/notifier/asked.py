"""What an incident is about now: a pure function of its events."""

from collections.abc import Iterable

from shared.events.base import Event
from shared.events.incident import IncidentCreated, IncidentTransferred, IncidentUpdated
from shared.events.vocabulary import Urgency


def asked(events: Iterable[Event]) -> tuple[str, Urgency]:
    """Subject and urgency after all that changed them; empty and normal where no incident was created."""
    subject, urgency = "", Urgency.NORMAL
    for event in events:
        match event:
            case IncidentCreated() as created:
                subject, urgency = created.subject, created.urgency
            case IncidentUpdated() as updated:
                subject, urgency = updated.subject or subject, updated.urgency or urgency
            case IncidentTransferred(subject=str(changed)):
                subject = changed
            case _:
                pass
    return subject, urgency
