"""What can be asked of an incident, and who asks. Plain values: everything in them has been checked for its form."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from services.intake.incident.state import State
from shared.events.base import Person
from shared.events.vocabulary import HoldReason, Origin, Urgency


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who sends a command, and in which parts they may act; `door` is their own way in."""

    person: Person
    is_agent: bool = False
    is_supervisor: bool = False
    groups: frozenset[str] = frozenset()
    door: Origin = Origin.PORTAL


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file that already lies in the store. Size in bytes."""

    id: UUID
    filename: str
    media_type: str
    size: int
    sha256: str


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """The mail that a command came in: under which name it is kept, and its Message-ID, None for none."""

    id: UUID
    message_id: str | None


class Create(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody needs help; `requester` None is whoever asks.

    `follows` is the number of an earlier incident, `former` that one as it stands; None until it has been read.
    """

    name: ClassVar[str] = "create"

    phone: str
    subject: str
    availability: str
    urgency: Urgency
    description: str
    origin: Origin
    requester: Person | None = None
    beneficiary: Person | None = None
    files: tuple[File, ...] = ()
    mail: Mail | None = None
    follows: str | None = None
    former: State | None = None


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """There is more to say, something changed, or there are documents; None is unchanged."""

    name: ClassVar[str] = "update"

    text: str | None = None
    phone: str | None = None
    availability: str | None = None
    urgency: Urgency | None = None
    files: tuple[File, ...] = ()
    mail: Mail | None = None

    @property
    def changes_something(self) -> bool:
        """Whether there is more in it than documents."""
        return any(value is not None for value in (self.text, self.phone, self.availability, self.urgency))


class Attach(msgspec.Struct, frozen=True, kw_only=True):
    """There are documents."""

    name: ClassVar[str] = "attach"

    files: tuple[File, ...]


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """The agent wants to answer for the incident."""

    name: ClassVar[str] = "take"


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """The agent gives the incident back to the group."""

    name: ClassVar[str] = "release"


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """Another group is to answer; `subject` is the one that says so, None where the subject stays."""

    name: ClassVar[str] = "transfer"

    group: str
    subject: str | None = None
    text: str | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A public answer to the requester."""

    name: ClassVar[str] = "reply"

    text: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What agents tell each other, and nobody else."""

    name: ClassVar[str] = "note"

    text: str


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing can be done for now; `until` lets the incident resume by itself."""

    name: ClassVar[str] = "hold"

    reason: HoldReason
    until: datetime | None = None
    text: str | None = None


class Resume(msgspec.Struct, frozen=True, kw_only=True):
    """It can go on."""

    name: ClassVar[str] = "resume"


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """The incident comes of a known error, by its exact number."""

    name: ClassVar[str] = "link"

    known_error: str


class Resolve(msgspec.Struct, frozen=True, kw_only=True):
    """The agent holds the incident solved, and tells how; `known_error` explains it, None where there is none."""

    name: ClassVar[str] = "resolve"

    text: str
    known_error: str | None = None


class Confirm(msgspec.Struct, frozen=True, kw_only=True):
    """The requester says that it is solved."""

    name: ClassVar[str] = "confirm"


class Refuse(msgspec.Struct, frozen=True, kw_only=True):
    """The requester says that it is not solved; `text` says what is still wrong."""

    name: ClassVar[str] = "refuse"

    text: str


class Close(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing more is expected."""

    name: ClassVar[str] = "close"


class Cancel(msgspec.Struct, frozen=True, kw_only=True):
    """The incident is withdrawn; `text` says why."""

    name: ClassVar[str] = "cancel"

    text: str


class Reopen(msgspec.Struct, frozen=True, kw_only=True):
    """The problem came back; `text` says how."""

    name: ClassVar[str] = "reopen"

    text: str


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """What the requester's side thinks of how it was helped, from 1, the worst, to 5."""

    name: ClassVar[str] = "rate"

    rating: int
    text: str | None = None


class Leader(msgspec.Struct, frozen=True, kw_only=True):
    """The incident in which another one is to go on, as it stands."""

    stream: UUID
    state: State


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """The incident says the same as another, and goes on in that one; `leader` is None until it has been read."""

    name: ClassVar[str] = "merge"

    into: str
    leader: Leader | None = None


Command = (
    Create
    | Update
    | Attach
    | Take
    | Release
    | Transfer
    | Reply
    | Note
    | Hold
    | Resume
    | Link
    | Resolve
    | Confirm
    | Refuse
    | Close
    | Cancel
    | Reopen
    | Rate
    | Merge
)
