"""Keeps the notifier out of the simulated past: nothing in it is to be routed or mailed again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from services.notifier.relay import FOLLOWER
from services.notifier.toolbox import ROLE
from services.notifier.work.planning import work_for
from shared.database import Connection, statements
from shared.journal import follow
from shared.journal.read import checkpoint, fence, read_page
from shared.journal.records import Position
from shared.journal.sealing import leave_sealed

_SQL: Final = statements(__file__, "lead.sql")
_FOLLOW: Final = statements(follow.__file__, "follow.sql")
_MOST_UNREAD: Final = 1000


class NotNowError(Exception):
    """The notifier cannot be kept out of what is to be written, or could not be; the message says why."""


class Lead:
    """The place of the notifier's follower, held while a past is written that it shall pass over."""

    def __init__(self, connection: Connection, start: Position) -> None:
        self._connection, self._start = connection, start

    async def pass_over(self, end: Position, events: int) -> None:
        """Move the notifier's checkpoint behind what was written since it was last moved.

        Args:
            end: position of the last event.
            events: how many were written.

        Raises:
            NotNowError: others appended meanwhile; the checkpoint stays where it was.
        """
        while await fence(self._connection) <= end.xid:  # noqa: ASYNC110 - transactions of others end without telling
            await asyncio.sleep(0.01)
        async with self._connection.transaction():
            found = await self._connection.fetchval(_SQL.count, *self._start, *end)
            if found != events:
                raise NotNowError(
                    f"stopped, for {found - events} events of others stand among the last {events} simulated ones: the "
                    "notifier has to read all of them, and to find out which work is done already"
                )
            await self._connection.execute(_FOLLOW.advance, FOLLOWER, *end)
        self._start = end


@asynccontextmanager
async def leading(url: str) -> AsyncIterator[Lead]:
    """Take the notifier's place as a follower; a relay that runs waits until it is given back.

    Args:
        url: address of the database, as the login user.

    Raises:
        NotNowError: the notifier has not done yet what stands in the journal.
    """
    connection = await asyncpg.connect(url, server_settings={"role": ROLE, "application_name": "cecoia simulate"})
    try:
        await _take_place(url, connection)
        start = await checkpoint(connection, FOLLOWER)
        unread = await read_page(connection, start, _MOST_UNREAD)
        if len(unread) == _MOST_UNREAD or any(map(work_for, leave_sealed(unread))):
            raise NotNowError("the notifier has still to read what is in the journal: let it run, then try again")
        yield Lead(connection, unread[-1].position if unread else start)
    finally:
        await connection.close()


async def _take_place(url: str, connection: Connection) -> None:
    """Get the lock before any relay does: whoever waits for it in the database comes first."""
    waiting = asyncio.ensure_future(connection.execute(_SQL.wait_to_lead, FOLLOWER))
    other = await asyncpg.connect(url)
    try:
        while not (await asyncio.wait({waiting}, timeout=0.3))[0]:
            await other.fetch(_SQL.end_leader, FOLLOWER)
        await waiting
    finally:
        waiting.cancel()
        await other.close()
