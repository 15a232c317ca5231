"""What a mail has to say: a pure function from an incident's events to one notice, or to the reason for silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID

import msgspec
from msgspec.structs import replace

from services.notifier.mail.threads import Thread, thread_of
from services.notifier.silence.waiting import unanswered
from services.notifier.work.planning import BENEFICIARY, REMINDER, REQUESTER
from shared.events.base import ERASED, Event, Person
from shared.events.incident import (
    DocumentAttached,
    DuplicatesAdded,
    IncidentCancelled,
    IncidentClosed,
    IncidentCreated,
    IncidentPutOnHold,
    IncidentReopened,
    IncidentResolved,
    IncidentsMerged,
    IncidentTaken,
    IncidentUpdated,
    ReplySent,
    ResolutionRefused,
)
from shared.events.vocabulary import ClosedBy, Message, Status, Urgency
from shared.journal.records import Recorded, in_one_go
from shared.life import status_after

_T = TypeVar("_T")

_MESSAGES: Final[dict[type[Event], Message]] = {
    IncidentCreated: Message.CREATION,
    IncidentUpdated: Message.UPDATE,
    DocumentAttached: Message.UPDATE,
    IncidentTaken: Message.TAKEN,
    ReplySent: Message.REPLY,
    IncidentPutOnHold: Message.HOLD,
    IncidentResolved: Message.RESOLUTION,
    ResolutionRefused: Message.REFUSAL,
    IncidentClosed: Message.CLOSURE,
    IncidentCancelled: Message.CANCELLATION,
    IncidentReopened: Message.REOPENING,
    IncidentsMerged: Message.MERGER,
    DuplicatesAdded: Message.DUPLICATE,
}


class Silence(StrEnum):
    """Why no mail is written."""

    NOBODY = "nobody"  # no such person, or the same one under another title
    AUTHOR = "author"  # they did it themselves
    NO_ADDRESS = "no_address"
    ERASED = "erased"
    TOLD = "told"  # what it came with was told already, or something like it


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a mail shows. Personal texts are in the clear: it is made, sent and forgotten.

    Attributes:
        to: whom it is for, with an address.
        owner: the requester, whose key seals the texts of the incident.
        beneficiary: name of the person concerned, where that is not the requester.
        at: instant of the event told.
        author: name of who did it; None for nobody in particular.
        confirmed: whether it closes the incident because the requester says that it is solved.
        text: what they wrote, empty for nothing.
        documents: names of the files that came with it.
        changed: labels of the facts that this event changed.
        follows: number of the incident that this one follows, for its requester, who may see that one; empty for none.
        thread: what they wrote themselves, which the mail refers to.
        news: name of the event that it tells of, where that happened to the incident in which this one goes on.
    """

    message: Message
    to: Person
    owner: UUID
    stream_id: UUID
    number: str
    subject: str
    status: Status
    urgency: Urgency
    phone: str
    availability: str
    description: str
    requester: str
    beneficiary: str | None
    recorded_at: datetime
    at: datetime
    author: str | None
    by_requester: bool
    for_beneficiary: bool
    confirmed: bool
    text: str
    documents: tuple[str, ...]
    changed: frozenset[str]
    follows: str
    news: str = ""
    thread: Thread = Thread()


def notice_for(events: Sequence[Recorded], cause: UUID, recipient: str) -> Notice | Silence:
    """Say what to tell the requester or the beneficiary of an event.

    Args:
        events: all events of the incident, oldest first.
        cause: id of the event to tell of; it is among them.
        recipient: `planning.REQUESTER` or `planning.BENEFICIARY`; `planning.REMINDER` reminds the requester, as long
            as nothing was answered.
    """
    if recipient == REMINDER:
        return _reminder(events, cause)
    index = next(i for i, recorded in enumerate(events) if recorded.event_id == cause)
    told = events[index]
    if _is_old_news(events[: index + 1]):
        return Silence.TOLD
    person = addressee(creation(events), recipient, told.event)
    if isinstance(person, Silence):
        return person
    notice = notice_of(events[: index + 1], _documents(events[index:]), person)
    return replace(notice, thread=thread_of(events, told, person.id))


def _reminder(events: Sequence[Recorded], cause: UUID) -> Notice | Silence:
    """Repeat the resolution to whoever has not said anything about it."""
    last = unanswered(events)
    if last is None or last.event_id != cause:
        return Silence.TOLD
    index = max(i for i, recorded in enumerate(events) if isinstance(recorded.event, IncidentResolved))
    person = addressee(creation(events), REQUESTER, events[index].event)
    if isinstance(person, Silence):
        return person
    notice = replace(notice_of(events[: index + 1], (), person), message=Message.REMINDER)
    return replace(notice, thread=thread_of(events, last, person.id))


def addressee(created: IncidentCreated, recipient: str, told: Event) -> Person | Silence:
    """Whom to tell of an event: somebody with an address who did not do it themselves; or why nobody."""
    person = _person(created, recipient)
    if person is None:
        return Silence.NOBODY
    author = author_of(told)
    if author is not None and author.id == person.id and not isinstance(told, IncidentCreated):
        return Silence.AUTHOR
    if person.email is None:
        return Silence.NO_ADDRESS
    return Silence.ERASED if ERASED in {person.email, created.requester.name} else person


def _is_old_news(events: Sequence[Recorded]) -> bool:
    """Whether the last event came with one that has a notice, or says again what was said: that others join in."""
    told = events[-1]
    if isinstance(told.event, DuplicatesAdded):
        return any(isinstance(recorded.event, DuplicatesAdded) for recorded in events[:-1])
    return isinstance(told.event, DocumentAttached) and _came_with(events[-2], told)


def creation(events: Sequence[Recorded]) -> IncidentCreated:
    """The event that an incident begins with.

    Raises:
        TypeError: these are not an incident's.
    """
    first = events[0].event
    if not isinstance(first, IncidentCreated):
        raise TypeError(f"stream {events[0].stream_id} does not begin with an incident")
    return first


def _person(created: IncidentCreated, recipient: str) -> Person | None:
    """The requester; or the beneficiary, unless that is the same person or the same mailbox."""
    requester, beneficiary = created.requester, created.beneficiary
    if recipient != BENEFICIARY:
        return requester
    if beneficiary is None or beneficiary.id == requester.id:
        return None
    same_mailbox = (beneficiary.email or "").casefold() == (requester.email or "").casefold() != ""
    return None if same_mailbox else beneficiary


def author_of(event: Event) -> Person | None:
    """Who did it; None for nobody in particular."""
    if isinstance(event, IncidentCreated):
        return event.recorded_by
    by = getattr(event, "by", None)
    return by if isinstance(by, Person) else None


def _came_with(before: Recorded, document: Recorded) -> bool:
    """Whether a document was recorded in one go with the event before it, which has a notice of its own."""
    return in_one_go(before, document) and type(before.event) in _MESSAGES


def _documents(events: Sequence[Recorded]) -> tuple[str, ...]:
    """Names of the files recorded in one go with the first of these events, itself included."""
    names = []
    previous = events[0]
    for recorded in events:
        if recorded is not previous and not _came_with(previous, recorded):
            break
        if isinstance(recorded.event, DocumentAttached):
            names.append(recorded.event.filename)
        elif recorded is not events[0]:
            break
        previous = recorded
    return tuple(names)


def notice_of(events: Sequence[Recorded], documents: tuple[str, ...], person: Person) -> Notice:
    """What is to be said of the last of these events to somebody, with the documents that came along."""
    created, told = creation(events), events[-1].event
    author = author_of(told)
    changed = [recorded.event for recorded in events if isinstance(recorded.event, IncidentUpdated)]
    return Notice(
        message=_MESSAGES[type(told)],
        to=person,
        owner=created.requester.id,
        stream_id=events[-1].stream_id,
        number=created.number,
        subject=_last([getattr(recorded.event, "subject", None) for recorded in events], created.subject),
        status=_last([status_after(recorded.event) for recorded in events], Status.TO_HANDLE),
        urgency=_last([event.urgency for event in changed], created.urgency),
        phone=_last([event.phone for event in changed], created.phone),
        availability=_last([event.availability for event in changed], created.availability),
        description=created.description,
        requester=created.requester.name,
        beneficiary=created.beneficiary.name if created.beneficiary else None,
        recorded_at=events[0].recorded_at,
        at=events[-1].recorded_at,
        author=_name(author) if author else None,
        by_requester=author is not None and author.id == created.requester.id,
        for_beneficiary=person.id != created.requester.id,
        confirmed=isinstance(told, IncidentClosed) and told.closed_by is ClosedBy.REQUESTER,
        text=_text(told),
        documents=documents,
        changed=_changed(told),
        follows=(created.follows or "") if person.id == created.requester.id else "",
    )


def _name(author: Person) -> str:
    """The name of whoever did it; the house answers for people who are forgotten."""
    return "L’assistance" if author.name == ERASED else author.name


def _last(values: Sequence[_T | None], otherwise: _T) -> _T:
    return next((value for value in reversed(values) if value is not None), otherwise)


def _text(event: Event) -> str:
    match event:
        case IncidentUpdated(text=text) | ReplySent(text=text) | IncidentResolved(text=text):
            return text or ""
        case ResolutionRefused(reason=text) | IncidentReopened(reason=text):
            return text
        case IncidentPutOnHold(text=text):
            return text or ""
        case IncidentClosed(reason=text) | IncidentCancelled(reason=text):
            return text or ""
        case _:
            return ""


def _changed(event: Event) -> frozenset[str]:
    if not isinstance(event, IncidentUpdated):
        return frozenset()
    values = {"Téléphone": event.phone, "Disponibilité": event.availability, "Urgence": event.urgency}
    return frozenset(label for label, value in values.items() if value is not None)
