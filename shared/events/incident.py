"""What can happen to an incident. One stream an incident; the owner of its texts is the requester."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from shared.events.base import Event, Person, Personal
from shared.events.vocabulary import ClosedBy, HoldReason, Origin, Stage, Target, Urgency

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Rating = Annotated[int, msgspec.Meta(ge=1, le=5)]


class IncidentCreated(Event, frozen=True, kw_only=True, tag="IncidentCreated.2"):
    """Somebody needs help: the first event of each incident.

    `follows` is the number of an earlier one, which can no longer go on by itself and whose problem came back.
    """

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
    follows: str | None = None


class IncidentUpdated(Event, frozen=True, kw_only=True, tag="IncidentUpdated.1"):
    """Further text, changed fields, or both; None means unchanged."""

    by: Person
    text: Personal | None = None
    phone: Personal | None = None
    availability: Personal | None = None
    urgency: Urgency | None = None
    subject: str | None = None


class DocumentAttached(Event, frozen=True, kw_only=True, tag="DocumentAttached.1"):
    """A file was added; its bytes lie in the document store under their sha256. Size in bytes."""

    document: UUID
    by: Person
    filename: Personal
    media_type: str
    size: int
    sha256: Sha256


class IncidentRouted(Event, frozen=True, kw_only=True, tag="IncidentRouted.1"):
    """The incident waits for a group. `rule` names what chose it, `why` says it in French."""

    group: str
    rule: str
    why: str


class IncidentTaken(Event, frozen=True, kw_only=True, tag="IncidentTaken.1"):
    """An agent answers for the incident from now on, for one of their groups."""

    by: Person
    group: str


class IncidentReleased(Event, frozen=True, kw_only=True, tag="IncidentReleased.1"):
    """The agent gave the incident back to the group."""

    by: Person
    group: str


class IncidentTransferred(Event, frozen=True, kw_only=True, tag="IncidentTransferred.1"):
    """Another group is asked, and nobody answers for the incident any more; `subject` None is unchanged."""

    by: Person
    from_group: str
    group: str
    subject: str | None = None
    text: Personal | None = None


class ReplySent(Event, frozen=True, kw_only=True, tag="ReplySent.1"):
    """A public answer to the requester."""

    by: Person
    text: Personal


class NoteAdded(Event, frozen=True, kw_only=True, tag="NoteAdded.1"):
    """What agents tell each other; the requester's side never sees it."""

    by: Person
    text: Personal


class IncidentPutOnHold(Event, frozen=True, kw_only=True, tag="IncidentPutOnHold.1"):
    """Nothing can be done for now; at `until`, where that is given, the incident resumes by itself."""

    by: Person
    reason: HoldReason
    until: datetime | None = None
    text: Personal | None = None


class IncidentResumed(Event, frozen=True, kw_only=True, tag="IncidentResumed.1"):
    """What the incident waited for is there; `by` is None when a date came."""

    by: Person | None = None


class KnownErrorLinked(Event, frozen=True, kw_only=True, tag="KnownErrorLinked.1"):
    """The incident comes of a known error; `known_error` is its number."""

    by: Person
    known_error: str


class IncidentResolved(Event, frozen=True, kw_only=True, tag="IncidentResolved.2"):
    """The agent holds the incident solved; `text` tells the requester how.

    `known_error` is the number of the one that explains it, linked already; None where there is none.
    """

    by: Person
    text: Personal
    known_error: str | None = None


class ResolutionRefused(Event, frozen=True, kw_only=True, tag="ResolutionRefused.1"):
    """The problem is still there, and `reason` tells how: the incident goes back.

    It goes to the agent who answers for it, `responsible`; where that is None, into the queue of its group.
    """

    by: Person
    reason: Personal
    responsible: UUID | None = None


class IncidentClosed(Event, frozen=True, kw_only=True, tag="IncidentClosed.1"):
    """Nothing more is expected; `by` is None when silence closed it."""

    by: Person | None = None
    closed_by: ClosedBy
    reason: Personal | None = None


class IncidentCancelled(Event, frozen=True, kw_only=True, tag="IncidentCancelled.1"):
    """The incident was withdrawn."""

    by: Person
    reason: Personal


class IncidentReopened(Event, frozen=True, kw_only=True, tag="IncidentReopened.1"):
    """The problem came back after the incident was closed, and `reason` tells how: it goes back as a refused one."""

    by: Person
    reason: Personal
    responsible: UUID | None = None


class SatisfactionRated(Event, frozen=True, kw_only=True, tag="SatisfactionRated.1"):
    """What the requester's side thinks of how it was helped, from 1, the worst, to 5; the last one counts.

    It moves the version and nothing else.
    """

    by: Person
    rating: Rating
    text: Personal | None = None


class MailReceived(Event, frozen=True, kw_only=True, tag="MailReceived.1"):
    """What was recorded in one go with it came by mail.

    `mail` is the name under which the mail itself is kept, `message_id` what answers to it refer to; None where it has
    none.
    """

    by: Person
    mail: UUID
    message_id: Personal | None = None


class Tie(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another incident, by its number and its stream."""

    number: str
    stream: UUID


class IncidentsMerged(Event, frozen=True, kw_only=True, tag="IncidentsMerged.1"):
    """The incident says the same as another one, in which it goes on."""

    by: Person
    into: Tie


class DuplicatesAdded(Event, frozen=True, kw_only=True, tag="DuplicatesAdded.1"):
    """Other incidents go on in this one: one that was merged into it, first, and those that had gone on in that one."""

    by: Person
    duplicates: tuple[Tie, ...]


class IncidentEscalated(Event, frozen=True, kw_only=True, tag="IncidentEscalated.1"):
    """A target is near its end or was missed, while the incident was with `group`; `due_at` is when it runs out.

    It moves the version and nothing else.
    """

    target: Target
    stage: Stage
    due_at: datetime
    group: str
