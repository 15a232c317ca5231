"""Which work an event causes: a pure function from what happened to rows of work."""

from typing import Final

import msgspec

from services.notifier.work.queues import Kind
from shared.events.base import Event
from shared.events.incident import (
    DocumentAttached,
    IncidentCancelled,
    IncidentClosed,
    IncidentCreated,
    IncidentReopened,
    IncidentResolved,
    IncidentRouted,
    IncidentTaken,
    IncidentTransferred,
    IncidentUpdated,
    ReplySent,
    ResolutionRefused,
)
from shared.events.vocabulary import Status
from shared.journal.records import Recorded
from shared.life import LEADS, RETURNS

REQUESTER: Final = "requester"
BENEFICIARY: Final = "beneficiary"

#: Later events that the requester and the beneficiary may be told of; `notices` decides who really is.
TOLD: Final[tuple[type[Event], ...]] = (
    IncidentUpdated,
    DocumentAttached,
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


class NewWork(msgspec.Struct, frozen=True, kw_only=True):
    """A row of work to be. `recipient` tells the mails of one event apart and is empty for other kinds."""

    kind: Kind
    cause: Recorded
    recipient: str = ""


def work_for(recorded: Recorded) -> list[NewWork]:
    """Say which work an event causes.

    A later notice is planned for both people: whether there is a beneficiary, who did it and what was already told
    stands in the incident's other events, which the worker reads anyway.
    """
    match recorded.event:
        case IncidentCreated(beneficiary=beneficiary):
            people = [REQUESTER] if beneficiary is None else [REQUESTER, BENEFICIARY]
            return [NewWork(kind=Kind.ROUTE, cause=recorded), *_mails(recorded, people)]
        case IncidentRouted() | IncidentTransferred():
            return [NewWork(kind=Kind.OFFER, cause=recorded)]
        case event if isinstance(event, TOLD):
            mails = _mails(recorded, [REQUESTER, BENEFICIARY])
            return [NewWork(kind=Kind.OFFER, cause=recorded), *mails] if is_queued_by(event) else mails
        case _:
            return []


def is_queued_by(event: Event) -> bool:
    """Whether an event puts an incident where the programs of its group are offered it.

    A release does not: what somebody has taken is not offered again.
    """
    return isinstance(event, PLACES) or (isinstance(event, RETURNS) and event.responsible is None)


def _mails(recorded: Recorded, people: list[str]) -> list[NewWork]:
    return [NewWork(kind=Kind.MAIL, cause=recorded, recipient=person) for person in people]
