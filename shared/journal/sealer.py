"""The sealer: follows the journal and seals it, block by block."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final, NoReturn

from shared.database import Connection, Pool, Record, statements
from shared.journal.blocks import NOTHING, Block, from_row, seal_rows
from shared.journal.leading import lead
from shared.journal.witness import Line, Witness
from shared.logs import logger

ROLE: Final = "cecoia_sealer"
#: Most events in a block.
SIZE: Final = 1000
#: Seconds for which the events of an unfinished block wait for more.
EVERY: Final = 2.0

_SQL = statements(__file__, "sealer.sql")
_CATCH_UP: Final = 1000
_log = logger(__name__)


class WitnessContradictsError(Exception):
    """The witness has another seal than the database: one of them is not what it was.

    Sealing on would hide that. If the database was restored on purpose, the witness has to be moved away first.
    """


class Sealer:
    """Seals for as long as it runs. Many may run: one leads, and another goes on when its connection ends."""

    def __init__(
        self, pool: Pool, witness: Witness, now: Callable[[], datetime], *, size: int = SIZE, every: float = EVERY
    ) -> None:
        """Prepare.

        Args:
            pool: of `ROLE`; one connection is kept all the time.
            witness: gets every seal, after the database.
            now: reads the clock.
            size: most events in a block.
            every: seconds for which the events of an unfinished block wait for more.
        """
        self._pool, self._witness, self._now = pool, witness, now
        self._size, self._every = size, every

    async def run(self) -> NoReturn:
        """Seal until cancelled.

        Raises:
            WitnessContradictsError, JournalRestoredError: the database is not the one that was sealed.
            ValueError: the witness is something else.
        """
        await lead(self._pool, "sealer", self._seal, poll=self._every)

    async def _seal(self, connection: Connection) -> NoReturn:
        last = await self._resume(connection)
        while True:
            rows = await connection.fetch(_SQL.page, *last.last, self._size)
            if rows:
                last = await self._keep(connection, seal_rows(last, rows, self._now()))
            if len(rows) < self._size:
                await asyncio.sleep(self._every)

    async def _keep(self, connection: Connection, block: Block) -> Block:
        await connection.execute(
            _SQL.keep, block.number, *block.first, *block.last, block.events, block.root, block.sealed_at, block.seal
        )
        self._witness.add([Line(block.number, block.seal, block.sealed_at.isoformat())])
        return block

    async def _resume(self, connection: Connection) -> Block:
        """The last block, once the witness has all that it missed; an empty one begins with the last seal."""
        row = await connection.fetchrow(_SQL.last)
        last = from_row(row) if row else NOTHING
        line = self._witness.last()
        if line:
            await self._compare(connection, line)
        seen = line.number if line else last.number - 1
        while rows := await connection.fetch(_SQL.seals, seen, _CATCH_UP):
            self._witness.add(_lines(rows))
            seen = rows[-1]["number"]
        _log.info("sealer_resumes", block=last.number, witness=str(self._witness.path))
        return last

    async def _compare(self, connection: Connection, line: Line) -> None:
        rows = await connection.fetch(_SQL.seals, line.number - 1, 1)
        found = rows[0]["seal"] if rows else None
        if found != line.seal:
            state = "has another seal" if found else "is gone"
            raise WitnessContradictsError(
                f"block {line.number}, witnessed at {line.sealed_at}, {state}; "
                f"if an older state was restored on purpose, move {self._witness.path} away"
            )


def _lines(rows: list[Record]) -> list[Line]:
    return [Line(row["number"], row["seal"], row["sealed_at"].isoformat()) for row in rows]
