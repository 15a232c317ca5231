"""The shapes that go into the journal and come out of it."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from shared.events.base import Event

#: PostgreSQL counts positions and transactions in 64 bits, signed.
_BEYOND: Final = 2**63


class Position(NamedTuple):
    """A place in the order in which readers see events: transaction id first, then position.

    Only pairs below the oldest running transaction are ever shown, so nothing appears behind a reader.
    """

    xid: int
    position: int

    def encode(self) -> str:
        """The opaque form in which positions leave the system; valid for ever."""
        return base64.urlsafe_b64encode(f"{self.xid}.{self.position}".encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Position:
        """Inverse of `encode`.

        Raises:
            ValueError: the text was not made by `encode`.
        """
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            xid, position = raw.decode("ascii").split(".")
            decoded = cls(int(xid), int(position))
        except (binascii.Error, UnicodeError, ValueError) as error:
            raise ValueError(text) from error
        if decoded.encode() != text or not all(0 <= number < _BEYOND for number in decoded):
            raise ValueError(text)
        return decoded


START = Position(0, 0)


class Meta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What surrounds an event: nothing that decides anything, nothing personal.

    Attributes:
        owner: person whose key seals the texts; None where the event has none.
        cause: event that this one answers to, for what programs record.
        correlation: request identifier that ties web request, task and mail together.
        fingerprint: keyed hash of the command's body, to tell a replay from another command under the same key.
    """

    owner: UUID | None = None
    cause: UUID | None = None
    correlation: str | None = None
    fingerprint: str | None = None


class NewEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event on its way into the journal. `event_id` is deterministic wherever the command can be replayed."""

    event_id: UUID
    event: Event
    meta: Meta = Meta()


class Series(StrEnum):
    """What gets a number of its own; the value is the first character(s) of the number."""

    INCIDENT = "1"
    KNOWN_ERROR = "E"


class Append(msgspec.Struct, frozen=True, kw_only=True):
    """A command for the journal: these events, at the end of that stream, all or none.

    Attributes:
        stream_id: the stream; it is made if it does not exist.
        events: at least one, in order.
        recorded_at: aware instant that all of them carry.
        expected_version: version the stream must have (0: must not exist); None appends at any version.
        series: draw a number of this series for a new stream and put it into the `number` of its first event.
    """

    stream_id: UUID
    events: tuple[NewEvent, ...]
    recorded_at: datetime
    expected_version: int | None = None
    series: Series | None = None


class Verdict(StrEnum):
    """What became of an `Append`."""

    APPENDED = "appended"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The journal's answer to one `Append`.

    `duplicate` means that the first event id already stands in the stream: everything below then tells of the
    first time. For `conflict`, `version` is the actual version of the stream and the rest is None.

    Attributes:
        version: version of the last event of the command (appended, duplicate) or of the stream (conflict).
        position: of the last event of the command.
        number: of the stream, where it has one.
        recorded_at: instant the events carry.
        fingerprint: `Meta.fingerprint` of the first event.
    """

    verdict: Verdict
    version: int
    position: Position | None = None
    number: str | None = None
    recorded_at: datetime | None = None
    fingerprint: str | None = None


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as its row stands in the journal, personal fields still sealed. `data` is the exact stored text."""

    position: Position
    stream_id: UUID
    version: int
    event_id: UUID
    type: str
    schema: int
    recorded_at: datetime
    data: str
    meta: Meta
    number: str | None = None


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An event as code reads it: newest version, personal fields in the clear (or `ERASED`)."""

    position: Position
    stream_id: UUID
    version: int
    event_id: UUID
    recorded_at: datetime
    event: Event
    meta: Meta
    number: str | None = None


def in_one_go(one: StoredEvent | Recorded, other: StoredEvent | Recorded) -> bool:
    """Whether one command recorded both events of a stream: a transaction appends to a stream once."""
    return one.position.xid == other.position.xid
