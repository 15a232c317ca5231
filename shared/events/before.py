"""Versions of events that are no longer written, each with what makes the next one of it."""

import msgspec

from shared.events import incident
from shared.events.base import Event, Person, Personal
from shared.events.vocabulary import Origin, Urgency


class IncidentCreated(Event, frozen=True, kw_only=True, tag="IncidentCreated.1"):
    """Somebody needs help: the first event of each incident."""

    number: str
    requester: Person
    beneficiary: Person | None = None
    recorded_by: Person
    origin: Origin
    phone: Personal
    subject: str
    availability: Personal
    urgency: Urgency
    description: Personal


class IncidentResolved(Event, frozen=True, kw_only=True, tag="IncidentResolved.1"):
    """The agent holds the incident solved; `text` tells the requester how."""

    by: Person
    text: Personal


def created(event: IncidentCreated) -> incident.IncidentCreated:
    """Before there were others to follow, no incident followed one."""
    return incident.IncidentCreated(**msgspec.structs.asdict(event))


def resolved(event: IncidentResolved) -> incident.IncidentResolved:
    """Nothing was said of known errors then."""
    return incident.IncidentResolved(by=event.by, text=event.text)
