"""Recomputes every chain and every seal, and says where the journal lies."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple
from uuid import UUID

from shared.database import Connection, Record, statements
from shared.journal.blocks import place
from shared.journal.chain import Row, digest_row, first_link, next_link
from shared.journal.verify_seals import Lie, Seals
from shared.journal.witness import Witness

_SQL = statements(__file__, "verify.sql")
_PREFETCH = 1000


class Head(NamedTuple):
    """Where a stream has come to.

    Attributes:
        version, chain: of its last event.
        number: that all its events carry.
        origin: position of its first event; readers do not look before it.
    """

    version: int
    chain: bytes
    number: str | None
    origin: int


class Finding(NamedTuple):
    """What verifying found.

    Attributes:
        events: how many were looked at.
        streams: likewise.
        blocks: how many have the seal that they should have.
        witnessed: how many seals the witness has too.
        unsealed: events that no block covers yet; for them only the chains of their streams speak.
        lie: the first thing that is not as it was written; None where everything is.
    """

    events: int
    streams: int
    blocks: int
    witnessed: int
    unsealed: int
    lie: str | None = None


async def verify(connection: Connection, witness: Witness) -> Finding:
    """Recompute the chain of every stream and the seal of every block, over all that is committed at this moment.

    Reads the whole journal in one snapshot that writes nothing, so nobody is held up. Memory grows with the number of
    streams (some 300 bytes each).

    Args:
        connection: of the owner.
        witness: what the seals are compared with; it may be empty.

    Raises:
        ValueError: the witness is something else.
    """
    lines = witness.lines()  # those that are there before the snapshot, which then has their blocks
    heads: dict[UUID, Head] = {}
    events, lie = 0, None
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        blocks = aiter(connection.cursor(_SQL.blocks, prefetch=_PREFETCH))
        seals = Seals(blocks, lines, partial(connection.fetchval, _SQL.seal))
        try:
            await seals.begin()
            async for row in connection.cursor(_SQL.events, prefetch=_PREFETCH):
                events += 1
                digest = _digest(row)
                advance(heads, row, digest)
                await seals.take(row, digest)
            await seals.end()
            _compare(heads, await connection.fetch(_SQL.heads))
        except Lie as found:
            lie = str(found)
    return Finding(events, len(heads), seals.sealed, seals.witnessed, seals.unsealed, lie)


def _digest(row: Record) -> bytes:
    try:
        return digest_row(row)
    except (TypeError, OverflowError) as error:
        raise Lie(f"{_named(row)}: has a value that nobody writes") from error


def _named(row: Row) -> str:
    return f"event {row['event_id']} at {place(row).encode()} (stream {row['stream_id']})"


def advance(heads: dict[UUID, Head], row: Row, digest: bytes) -> None:
    """Take in one event of a stream.

    Args:
        heads: where the streams have come to; the event's is moved.
        row: the event.
        digest: recomputed from what it says.

    Raises:
        Lie: it is not what was written, or not the next of its stream.
    """
    stream_id: UUID = row["stream_id"]
    before = heads.get(stream_id) or Head(0, first_link(stream_id), row["number"], row["position"])
    if row["version"] != before.version + 1:
        raise Lie(f"{_named(row)}: version {row['version']} follows {before.version}")
    chain = next_link(before.chain, row["version"], digest)
    if (chain, before.number) != (row["chain"], row["number"]):
        raise Lie(f"{_named(row)}: is not what was written")
    heads[stream_id] = before._replace(version=row["version"], chain=chain)


def _compare(heads: dict[UUID, Head], rows: list[Record]) -> None:
    """Find streams whose last events are gone, and events whose stream is."""
    known = {row["stream_id"]: Head(row["version"], row["head"], row["number"], row["origin"]) for row in rows}
    for stream_id in heads.keys() | known.keys():
        found, kept = heads.get(stream_id), known.get(stream_id)
        if found != kept:
            raise Lie(f"stream {stream_id}: its events say {_told(found)}, its own row says {_told(kept)}")


def _told(head: Head | None) -> str:
    if head is None:
        return "nothing"
    return f"version {head.version} from position {head.origin}, number {head.number}, chain {head.chain.hex()[:12]}"
