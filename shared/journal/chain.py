"""The chain of a stream: a hash over everything that was ever said in it.

An event's digest covers all that its row says but its place; the chain covers the chain before, the version and the
digest, and begins with the stream's id. So no event can be changed, moved, left out or slipped in without every later
link of its stream being wrong. The idea is that of the linked timestamps of Haber and Stornetta (1991).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from shared.database import Record

#: The columns of an event by their names, from the journal or from a copy of it.
Row: TypeAlias = Record | Mapping[str, Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def first_link(stream_id: UUID) -> bytes:
    """What the first event of a stream is chained to."""
    return hashlib.sha256(stream_id.bytes).digest()


def microseconds(instant: datetime) -> bytes:
    """An aware instant, exact to the microsecond, in eight bytes."""
    return ((instant - _EPOCH) // _MICROSECOND).to_bytes(8, signed=True)


def digest(*, event_id: UUID, kind: str, schema: int, recorded_at: datetime, meta: bytes, data: bytes) -> bytes:
    """Hash of what an event says.

    Lengths stand before what has no fixed one, so that no two events have the same bytes.

    Args:
        event_id: of the event.
        kind: name of its type, without version.
        schema: version of its type.
        recorded_at: aware instant, exact to the microsecond.
        meta: its JSON text as stored.
        data: likewise.
    """
    name = kind.encode()
    head = event_id.bytes + schema.to_bytes(4) + microseconds(recorded_at)
    return hashlib.sha256(
        b"".join((head, len(name).to_bytes(4), name, len(meta).to_bytes(4), meta, len(data).to_bytes(4), data))
    ).digest()


def digest_row(row: Row) -> bytes:
    """`digest` of an event as its row stands in the journal."""
    return digest(
        event_id=row["event_id"],
        kind=row["type"],
        schema=row["schema"],
        recorded_at=row["recorded_at"],
        meta=row["meta"].encode(),
        data=row["data"].encode(),
    )


def next_link(previous: bytes, version: int, event_digest: bytes) -> bytes:
    """The chain after one more event; `journal.append` computes the same."""
    return hashlib.sha256(previous + version.to_bytes(4) + event_digest).digest()
