"""What the people of a merged incident are told of the one in which it goes on, and nothing of who asked for that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from services.notifier.mail.notices import Notice, Silence, addressee, creation, notice_of
from services.notifier.mail.threads import thread_of
from shared.events.base import ERASED, Event, Person
from shared.events.incident import IncidentCreated, IncidentResolved, IncidentsMerged, IncidentUpdated, ReplySent
from shared.events.registry import type_and_schema
from shared.events.vocabulary import Message
from shared.journal.records import Recorded

#: What stands in place of a name, an address or a number of the other side.
HIDDEN: Final = "[…]"
#: Parts of a name that are too short to be taken out wherever they stand.
_SHORT: Final = 3
#: The last digits of a telephone number say whose it is, however the first ones are written.
_DIGITS: Final = 9
_BEFORE: Final = r"(?:\+33|0033|0)?[\s.-]*"


def progress_of(
    events: Sequence[Recorded], leading: Sequence[Recorded], cause: UUID, recipient: str
) -> Notice | Silence:
    """Say what to tell somebody of what happened to the incident in which theirs goes on.

    Args:
        events: of their incident, oldest first.
        leading: of the other one.
        cause: id of the event to tell of; it is among `leading`.
        recipient: `planning.REQUESTER` or `planning.BENEFICIARY`.
    """
    told = next(recorded.event for recorded in leading if recorded.event_id == cause)
    person = addressee(creation(events), recipient, told)
    if isinstance(person, Silence):
        return person
    if _mailbox(person) in {_mailbox(one) for one in _people(leading)}:
        return Silence.TOLD  # as one of that incident's own
    merger = next(place for place, recorded in enumerate(events, 1) if isinstance(recorded.event, IncidentsMerged))
    return replace(
        notice_of(events[:merger], (), person),
        message=Message.PROGRESS,
        text=_without(_text(told), list(_traces(leading))),
        news=type_and_schema(type(told))[0],
        thread=thread_of(events, events[-1], person.id),
    )


def _people(events: Sequence[Recorded]) -> list[Person]:
    created = creation(events)
    return [person for person in (created.requester, created.beneficiary) if person is not None]


def _mailbox(person: Person) -> str:
    return (person.email or "").casefold()


def _text(event: Event) -> str:
    """What agents wrote for everybody; what the other side wrote is theirs."""
    return event.text if isinstance(event, ReplySent | IncidentResolved) and event.text != ERASED else ""


def _traces(leading: Sequence[Recorded]) -> Iterator[str]:
    """Patterns of what names the people of the other incident, the longer before their parts."""
    for person in _people(leading):
        yield from (re.escape(known) for known in (person.email, person.name) if known)
        yield from (re.escape(part) for part in person.name.split() if len(part) >= _SHORT)
    events = (recorded.event for recorded in leading)
    phones = (event.phone or "" for event in events if isinstance(event, IncidentCreated | IncidentUpdated))
    for digits in (re.sub(r"\D", "", phone)[-_DIGITS:] for phone in phones):
        if len(digits) == _DIGITS:
            yield _BEFORE + r"[\s.-]*".join(digits)


def _without(text: str, traces: Sequence[str]) -> str:
    for trace in traces:
        text = re.sub(rf"(?<!\w){trace}(?!\w)", HIDDEN, text, flags=re.IGNORECASE)
    return text
