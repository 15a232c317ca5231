"""Recomputes the seals of the blocks beside the events, and compares them with the witness."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from shared.database import Record
from shared.journal.blocks import NOTHING, Block, from_row, leaf, place, seal
from shared.journal.witness import Line


class Lie(Exception):
    """The first thing that is not as it was written; the text names it."""


class Seals:
    """Walks along the blocks while the events are handed over one by one.

    Attributes:
        sealed: how many blocks were found to be as they were sealed.
        witnessed: how many of their seals stand in the witness.
        unsealed: how many events came after the last block.
    """

    def __init__(
        self,
        blocks: AsyncIterator[Record],
        witness: Iterator[Line],
        seal_of: Callable[[int], Awaitable[bytes | None]],
    ) -> None:
        """Prepare; `begin` comes first, then `take` for each event, then `end`.

        Args:
            blocks: rows of all, in their order.
            witness: its lines, in theirs.
            seal_of: looks up the seal of a block by its number.
        """
        self._blocks, self._witness, self._seal_of = blocks, witness, seal_of
        self.sealed = self.witnessed = self.unsealed = 0

    async def begin(self) -> None:
        """Look at the first block and line; raises as `take`."""
        self._line = next(self._witness, None)
        self._block: Block | None = NOTHING
        await self._open(NOTHING)

    async def take(self, row: Record, digest: bytes) -> None:
        """Take in the next event.

        Args:
            row: of the event.
            digest: recomputed from what it says.

        Raises:
            Lie: a block before it is not what was sealed.
        """
        while self._block and place(row) > self._block.last:
            await self._close(self._block)
        if self._block:
            self._root.update(leaf(row, digest))
            self._events += 1
        else:
            self.unsealed += 1

    async def end(self) -> None:
        """Close what is open.

        Raises:
            Lie: as `take`; or the witness knows of blocks that are not there.
        """
        while self._block:
            await self._close(self._block)
        if self._line:
            raise Lie(f"block {self._line.number}: is gone; the witness saw it sealed at {self._line.sealed_at}")

    async def _close(self, block: Block) -> None:
        if (self._events, self._root.digest()) != (block.events, block.root):
            missing = f" ({self._events} of {block.events} are there)" if self._events != block.events else ""
            raise Lie(
                f"block {block.number}, events from {block.first.encode()} to {block.last.encode()}: "
                f"are not those that were sealed at {block.sealed_at.isoformat()}{missing}"
            )
        self.sealed += 1
        await self._open(block)

    async def _open(self, previous: Block) -> None:
        row = await anext(self._blocks, None)
        self._root, self._events = hashlib.sha256(), 0
        self._block = from_row(row) if row else None
        if not self._block:
            return
        if self._block.number != previous.number + 1:
            raise Lie(f"block {previous.number + 1}: is gone")
        if self._block.seal != seal(previous, self._block):
            raise Lie(f"block {self._block.number}: has another seal than what it says and what stands before it")
        await self._ask_witness(self._block)

    async def _ask_witness(self, block: Block) -> None:
        """Compare all lines about this block; a witness may have none, or none before some block.

        A line may also come late: a sealer that froze between database and witness adds its own when it wakes, although
        another did so and went on. Earlier blocks were found as they were sealed, and each line must agree with them.
        """
        seen = False
        while self._line and self._line.number <= block.number:
            late = self._line.number < block.number
            if self._line.seal != (await self._seal_of(self._line.number) if late else block.seal):
                raise Lie(f"block {self._line.number}: has another seal than the witness saw at {self._line.sealed_at}")
            seen = seen or not late
            self._line = next(self._witness, None)
        self.witnessed += seen
