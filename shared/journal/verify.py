"""Recomputes every chain and says where the journal lies."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from shared.database import Connection, Record, statements
from shared.journal.chain import digest, first_link, next_link
from shared.journal.records import Position

_SQL = statements(__file__, "verify.sql")
_PREFETCH = 1000


class Head(NamedTuple):
    """Where a stream has come to: version and chain of its last event."""

    version: int
    chain: bytes


class Finding(NamedTuple):
    """What verifying found.

    Attributes:
        events: how many were looked at.
        streams: likewise.
        lie: the first thing that is not as it was written; None where everything is.
    """

    events: int
    streams: int
    lie: str | None


async def verify(connection: Connection) -> Finding:
    """Recompute the chain of every stream, over all that is committed at this moment.

    Reads the whole journal in one snapshot that writes nothing, so nobody is held up. Memory grows with the number of
    streams (some 200 bytes each).
    """
    heads: dict[UUID, Head] = {}
    events = 0
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for row in connection.cursor(_SQL.events, prefetch=_PREFETCH):
            events += 1
            if lie := _advance(heads, row):
                return Finding(events, len(heads), lie)
        rows = await connection.fetch(_SQL.heads)
    return Finding(events, len(heads), _ends(heads, rows))


def _advance(heads: dict[UUID, Head], row: Record) -> str | None:
    """Take in one event; what is wrong with it, if anything is."""
    stream_id: UUID = row["stream_id"]
    before = heads.get(stream_id) or Head(0, first_link(stream_id))
    where = f"event {row['event_id']} at {Position(row['xid'], row['position']).encode()} (stream {stream_id})"
    if row["version"] != before.version + 1:
        return f"{where}: version {row['version']} follows {before.version}"
    chain = next_link(before.chain, row["version"], _digest(row))
    if chain != row["chain"]:
        return f"{where}: is not what was written"
    heads[stream_id] = Head(row["version"], chain)
    return None


def _digest(row: Record) -> bytes:
    return digest(
        event_id=row["event_id"],
        kind=row["type"],
        schema=row["schema"],
        recorded_at=row["recorded_at"],
        meta=row["meta"].encode(),
        data=row["data"].encode(),
    )


def _ends(heads: dict[UUID, Head], rows: list[Record]) -> str | None:
    """Streams whose last events are gone, and events whose stream is."""
    known = {row["stream_id"]: Head(row["version"], row["head"]) for row in rows}
    for stream_id in heads.keys() | known.keys():
        if (found := heads.get(stream_id)) != (kept := known.get(stream_id)):
            versions = (found.version if found else 0, kept.version if kept else 0)
            return (
                f"stream {stream_id}: has events up to version {versions[0]}, and was appended to up to {versions[1]}"
            )
    return None
