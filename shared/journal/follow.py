"""Following the journal: each event once, in order, whatever breaks in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NoReturn

from shared.database import Connection, Pool, statements
from shared.journal.leading import lead
from shared.journal.read import checkpoint, read_page
from shared.journal.records import Recorded
from shared.journal.sealing import Vault, leave_sealed
from shared.wakeups import Wakeups

_SQL = statements(__file__, "follow.sql")

Handle = Callable[[Connection, list[Recorded]], Awaitable[None]]
AfterCommit = Callable[[list[Recorded]], Awaitable[None]]


class Follower:
    """Hands the journal over page by page; what it makes of a page and how far it read are committed together.

    Many may run under one name: one leads, the others wait for its connection to end and then go on where it stopped.
    """

    def __init__(
        self,
        pool: Pool,
        vault: Vault,
        name: str,
        wakeups: Wakeups,
        *,
        page: int = 1000,
        poll: float = 1.0,
        personal: bool = True,
    ) -> None:
        """Prepare to follow.

        Args:
            pool: of a role that may write checkpoints; one connection is kept all the time.
            vault: opens what is sealed.
            name: of the checkpoint and of the lead.
            wakeups: heard by this follower alone.
            page: most events in one transaction.
            poll: seconds between two looks when no wake-up comes.
            personal: whether what is handled must be unsealed; without, texts are handed over as they are kept.
        """
        self._pool, self._vault, self._name, self._wakeups = pool, vault, name, wakeups
        self._size, self._poll, self._personal = page, poll, personal

    async def run(self, handle: Handle, after_commit: AfterCommit | None = None) -> NoReturn:
        """Follow until cancelled.

        Args:
            handle: does the work of a page inside its transaction; called again with the same events when that fails.
            after_commit: told each page that was committed; may miss one when the process dies.

        Raises:
            JournalRestoredError: see `refuse_restored`.
            Exception: whatever `handle` raises that is not the database's.
        """

        async def follow(connection: Connection) -> NoReturn:
            while True:
                page = await self._page(connection, handle)
                if page and after_commit:
                    await after_commit(page)
                if len(page) < self._size:
                    await self._wakeups.wait(self._poll)

        await lead(self._pool, self._name, follow, poll=self._poll)

    async def _page(self, connection: Connection, handle: Handle) -> list[Recorded]:
        async with connection.transaction(isolation="read_committed"):
            stored = await read_page(connection, await checkpoint(connection, self._name), self._size)
            if not stored:
                return []
            page = await self._vault.unseal(stored, connection) if self._personal else leave_sealed(stored)
            await handle(connection, page)
            await connection.execute(_SQL.advance, self._name, *stored[-1].position)
            return page
