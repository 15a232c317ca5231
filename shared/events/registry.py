"""Every event there is, and the way from the journal's text to the newest version of each."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, Union

import msgspec

from shared.events import before, catalogue, incident, knowledge, notification, person, webhook
from shared.events.base import Event

#: Each version ever written, oldest first. Append; never edit, never remove.
EVENTS: Final[tuple[type[Event], ...]] = (
    before.IncidentCreated,
    incident.IncidentUpdated,
    incident.DocumentAttached,
    incident.IncidentRouted,
    incident.IncidentTaken,
    incident.IncidentReleased,
    incident.ReplySent,
    before.IncidentResolved,
    incident.IncidentClosed,
    incident.IncidentCancelled,
    incident.ResolutionRefused,
    incident.IncidentReopened,
    notification.ConfirmationSent,
    notification.NotificationSent,
    notification.NotificationFailed,
    catalogue.GroupDefined,
    catalogue.SubjectDefined,
    catalogue.SubjectRetired,
    person.PersonErased,
    incident.NoteAdded,
    incident.IncidentTransferred,
    incident.IncidentPutOnHold,
    incident.IncidentResumed,
    incident.MailReceived,
    notification.NotificationBounced,
    catalogue.CannedTextDefined,
    catalogue.CannedTextRetired,
    catalogue.CatalogueChanged,
    catalogue.CalendarDefined,
    *webhook.ALL,
    incident.IncidentsMerged,
    incident.DuplicatesAdded,
    incident.IncidentCreated,
    incident.IncidentResolved,
    incident.KnownErrorLinked,
    knowledge.KnownErrorPublished,
    knowledge.KnownErrorRetired,
    knowledge.NewsPublished,
    knowledge.NewsWithdrawn,
    knowledge.NewsFollowed,
    knowledge.FollowerTold,
    incident.IncidentEscalated,
    incident.SatisfactionRated,
)

Upcast = Callable[[Any], Event]

#: How an old version becomes the next one: old class -> pure function.
UPCASTS: Final[Mapping[type[Event], Upcast]] = {
    before.IncidentCreated: before.created,
    before.IncidentResolved: before.resolved,
}


def type_and_schema(event: type[Event]) -> tuple[str, int]:
    """Stable name and version of an event class: `IncidentCreated.1` gives `("IncidentCreated", 1)`."""
    name, _, version = str(event.__struct_config__.tag).rpartition(".")
    return name, int(version)


@cache
def _decoder() -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(Union[EVENTS])


def encode(event: Event) -> bytes:
    """The JSON text of an event, personal fields as they stand (seal them before they are stored)."""
    return msgspec.json.encode(event)


def decode(data: str | bytes, upcasts: Mapping[type[Event], Upcast] = UPCASTS) -> Event:
    """Read an event and lift it to its newest version.

    Args:
        data: JSON text as it stands in the journal.
        upcasts: old class to the function that makes the next version of it.

    Raises:
        msgspec.ValidationError: the text is no known event, or carries an unknown field.
    """
    event: Event = _decoder().decode(data)
    return lift(event, upcasts)


def lift(event: Event, upcasts: Mapping[type[Event], Upcast] = UPCASTS) -> Event:
    """The newest version of an event.

    Args:
        event: any version.
        upcasts: old class to the function that makes the next version of it.
    """
    while upcast := upcasts.get(type(event)):
        event = upcast(event)
    return event
