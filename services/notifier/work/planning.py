"""Which work an event causes: a pure function from what happened to rows of work."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from services.notifier.work.queues import Kind
from shared.events.base import Event
from shared.events.incident import (
    DocumentAttached,
    DuplicatesAdded,
    IncidentCancelled,
    IncidentClosed,
    IncidentCreated,
    IncidentEscalated,
    IncidentPutOnHold,
    IncidentReopened,
    IncidentResolved,
    IncidentRouted,
    IncidentsMerged,
    IncidentTaken,
    IncidentTransferred,
    IncidentUpdated,
    ReplySent,
    ResolutionRefused,
    Tie,
)
from shared.events.knowledge import KnownErrorRetired, NewsWithdrawn
from shared.events.vocabulary import HoldReason, Stage, Status
from shared.events.webhook import WebhookDisabled, WebhookTested
from shared.journal.records import Recorded
from shared.life import LEADS, RETURNS, status_after
from shared.webhooks import Webhook, wanting

REQUESTER: Final = "requester"
BENEFICIARY: Final = "beneficiary"

#: Later events that the requester and the beneficiary may be told of; `notices` decides who really is.
TOLD: Final[tuple[type[Event], ...]] = (
    IncidentUpdated,
    DocumentAttached,
    IncidentTaken,
    ReplySent,
    IncidentPutOnHold,
    IncidentResolved,
    ResolutionRefused,
    IncidentClosed,
    IncidentCancelled,
    IncidentReopened,
    IncidentsMerged,
    DuplicatesAdded,
)

#: Events of an incident that are told to those, too, whose incidents go on in it.
SHARED: Final[tuple[type[Event], ...]] = (
    IncidentTaken,
    ReplySent,
    IncidentResolved,
    ResolutionRefused,
    IncidentClosed,
    IncidentCancelled,
    IncidentReopened,
)

#: Events that let an incident wait for a group; `offers` offers it to the programs of that group.
PLACES: Final = (IncidentRouted, IncidentTransferred)

#: Events after which an open offer must be looked at again at once: it moved, or it is nobody's any more.
ENDS_OFFERS: Final[tuple[type[Event], ...]] = (
    *PLACES,
    *(event for event, status in LEADS.items() if status is not Status.TO_HANDLE),
)


#: Whom an escalation is told to besides the group.
GROUP: Final = "group"
SUPERVISORS: Final = "supervisors"

#: The two parts of closing by silence. The first is also whom its mail is for: the requester, reminded.
REMINDER: Final = "reminder"
CLOSING: Final = "closing"

#: How long after an event its incident is looked at for its targets: most are routed by then, many taken. None of the
#: instants that matter is nearer.
_SETTLING: Final = timedelta(minutes=1)
_TIMED: Final = frozenset({Status.TO_HANDLE, Status.IN_PROGRESS})


class NewWork(msgspec.Struct, frozen=True, kw_only=True):
    """A row of work to be.

    Attributes:
        recipient: tells the mails of one event apart, or names its webhook; empty for other kinds.
        duplicate: the incident that it is done for, where that is not the cause's own but one that goes on in it.
        due_at: when to do it; None for at once.
    """

    kind: Kind
    cause: Recorded
    recipient: str = ""
    due_at: datetime | None = None
    duplicate: Tie | None = None


def work_for(recorded: Recorded) -> list[NewWork]:
    """Say which work an event causes.

    A later notice is planned for both people: whether there is a beneficiary, who did it and what was already told
    stands in the incident's other events, which the worker reads anyway.
    """
    match recorded.event:
        case IncidentCreated(beneficiary=beneficiary):
            people = [REQUESTER] if beneficiary is None else [REQUESTER, BENEFICIARY]
            return [NewWork(kind=Kind.ROUTE, cause=recorded), *_mails(recorded, people)]
        case IncidentPutOnHold(until=datetime() as until):
            return [*_notices(recorded), NewWork(kind=Kind.RESUME, cause=recorded, due_at=until)]
        case WebhookTested(webhook=webhook):
            return [_delivery(recorded, webhook)]
        case WebhookDisabled(by=None):
            return [NewWork(kind=Kind.ALARM, cause=recorded)]
        case KnownErrorRetired(solved=True) | NewsWithdrawn(text=str()):
            return [NewWork(kind=Kind.SPREAD, cause=recorded)]
        case event:
            offers = [NewWork(kind=Kind.OFFER, cause=recorded)] if is_queued_by(event) else []
            return [*offers, *_notices(recorded), *_alerts(recorded)]


def _alerts(recorded: Recorded) -> list[NewWork]:
    """The mails to those who answer for an incident whose target is near its end or missed."""
    if not isinstance(recorded.event, IncidentEscalated):
        return []
    recipients = [GROUP] if recorded.event.stage is Stage.NEAR else [GROUP, SUPERVISORS]
    return [NewWork(kind=Kind.ALERT, cause=recorded, recipient=one) for one in recipients]


def looks_for(page: Sequence[Recorded]) -> list[NewWork]:
    """Say after which of these events an incident is to be looked at as time passes, and when first."""
    looks = []
    for recorded in page:
        first = recorded.recorded_at + _SETTLING
        if moves_targets(recorded.event):
            looks.append(NewWork(kind=Kind.TARGET, cause=recorded, due_at=first))
        if isinstance(recorded.event, IncidentResolved):
            looks.append(NewWork(kind=Kind.SILENCE, cause=recorded, recipient=REMINDER, due_at=first))
    return looks


def moves_targets(event: Event) -> bool:
    """Whether the next instant that matters for the targets may come sooner after an event than it did before."""
    match event:
        case IncidentEscalated():
            return True
        case IncidentUpdated(urgency=urgency, subject=subject):
            return urgency is not None or subject is not None
        case _:
            return status_after(event) in _TIMED


def deliveries_for(page: Sequence[Recorded], webhooks: Mapping[UUID, Webhook]) -> list[NewWork]:
    """Say which of these events are for which webhook; whether their incident waits for its group is seen later."""
    return [_delivery(recorded, webhook) for recorded in page for webhook in wanting(webhooks, recorded)]


def _delivery(recorded: Recorded, webhook: UUID) -> NewWork:
    return NewWork(kind=Kind.WEBHOOK, cause=recorded, recipient=str(webhook))


def is_told(event: Event) -> bool:
    """Whether a later event is one that people may be told of: a hold is where it asks them something."""
    if isinstance(event, IncidentPutOnHold):
        return event.reason is HoldReason.REQUESTER
    return isinstance(event, TOLD)


def _notices(recorded: Recorded) -> list[NewWork]:
    return _mails(recorded, [REQUESTER, BENEFICIARY]) if is_told(recorded.event) else []


def progress_for(recorded: Recorded, duplicates: Iterable[Tie]) -> list[NewWork]:
    """The mails to those whose incidents go on in the one that an event happened to."""
    if not isinstance(recorded.event, SHARED):
        return []
    return [
        NewWork(kind=Kind.MAIL, cause=recorded, recipient=f"{person}:{tie.number}", duplicate=tie)
        for tie in duplicates
        for person in (REQUESTER, BENEFICIARY)
    ]


def is_queued_by(event: Event) -> bool:
    """Whether an event puts an incident where the programs of its group are offered it.

    A release does not: what somebody has taken is not offered again.
    """
    return isinstance(event, PLACES) or (isinstance(event, RETURNS) and event.responsible is None)


def _mails(recorded: Recorded, people: list[str]) -> list[NewWork]:
    return [NewWork(kind=Kind.MAIL, cause=recorded, recipient=person) for person in people]
