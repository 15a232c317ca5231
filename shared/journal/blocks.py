"""Blocks: the journal as a whole, sealed piece by piece in the order in which it is followed.

The chain of a stream tells that an event of it was changed, unless the changer knew how to compute the chain anew, or
took the whole stream away. A block covers neighbouring events of all streams, and its seal covers the seal before, so
that whoever changes one event has to compute every later seal anew; and the last of these stands outside of the
database too (see `witness.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from shared.database import Record
from shared.journal.chain import Row, digest_row, microseconds
from shared.journal.records import START, Position

_HASH_BYTES: Final = 32


class Block(NamedTuple):
    """Every event after the last one of the block before, up to `last`.

    Attributes:
        number: from 1, without holes.
        first, last: positions of its first and last event.
        events: how many there are.
        root: hash over the leaves of its events.
        sealed_at: aware instant, exact to the microsecond.
        seal: hash over all that and over the seal before.
    """

    number: int
    first: Position
    last: Position
    events: int
    root: bytes
    sealed_at: datetime
    seal: bytes


#: What stands before the first block.
NOTHING: Final = Block(0, START, START, 0, b"", datetime.min.replace(tzinfo=UTC), bytes(_HASH_BYTES))


def leaf(row: Record, digest: bytes) -> bytes:
    """What a block covers of one event: where it stands, of which stream it is, and what it says.

    Args:
        row: of `journal.events`.
        digest: computed from what the row says, never taken from a chain that was stored.
    """
    number = (row["number"] or "").encode()
    place = row["xid"].to_bytes(8) + row["position"].to_bytes(8) + row["stream_id"].bytes
    return b"".join((place, row["version"].to_bytes(4), digest, len(number).to_bytes(4), number))


def place(row: Row) -> Position:
    """Where an event stands."""
    return Position(row["xid"], row["position"])


def seal_rows(previous: Block, rows: Sequence[Record], sealed_at: datetime) -> Block:
    """The block of these events, at least one, behind another block."""
    root = hashlib.sha256(b"".join(leaf(row, digest_row(row)) for row in rows)).digest()
    bare = Block(previous.number + 1, place(rows[0]), place(rows[-1]), len(rows), root, sealed_at, b"")
    return bare._replace(seal=seal(previous, bare))


def seal(previous: Block, block: Block) -> bytes:
    """The seal that a block must have behind another: a hash over that one's seal and everything that it says."""
    counts = b"".join(count.to_bytes(8) for count in (block.number, *block.first, *block.last, block.events))
    return hashlib.sha256(previous.seal + counts + block.root + microseconds(block.sealed_at)).digest()


def from_row(row: Record) -> Block:
    """A block as `journal.blocks` has it."""
    number, first_xid, first_position, last_xid, last_position, events, root, sealed_at, seal = row
    return Block(
        number,
        Position(first_xid, first_position),
        Position(last_xid, last_position),
        events,
        root,
        sealed_at,
        seal,
    )
