"""The whole system, as `make run` starts it, and what one needs to know of it from outside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import asyncpg
import httpx
import msgspec

from shared.environment import run_env
from tests.bench.load import Plan, Result, load
from tests.bench.write_side import FORM, new_incident
from tests.support.stack import Stack, running_stack

_WAITING = (
    "SELECT count(*) FROM notifier.work WHERE kind NOT IN ('offer', 'target') AND done_at IS NULL AND dead_at IS NULL"
)
_UNREAD = """
SELECT count(*) FROM journal.events AS e, journal.checkpoints AS c
WHERE c.name = 'notifier' AND (e.xid, e.position) > (c.xid, c.position)
"""


class WholeStack(NamedTuple):
    """A running stack, and a connection that may look at everything in it."""

    stack: Stack
    database: asyncpg.Connection

    async def send(self, *, clients: int, seconds: float, rate: float = 0) -> Result:
        """Create incidents in claire.martin's name."""
        form = {"grant_type": "password", "username": "claire.martin", "password": "demo"}
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"http://127.0.0.1:{self.stack.port + 3}/token", data=form)
        head = new_incident(answer.raise_for_status().json()["access_token"])
        body, port = msgspec.json.encode(FORM).decode(), self.stack.port + 1
        return await load(
            Plan(port=port, head=head, body=body, clients=clients, seconds=seconds, rate=rate, keyed=True)
        )

    async def backlog(self) -> int:
        """Events that the relay has not read, and work that waits or is being done."""
        unread: int = await self.database.fetchval(_UNREAD)
        return unread + int(await self.database.fetchval(_WAITING))

    async def settled(self, patience: float = 600) -> float:
        """Wait until everything was routed and mailed; gives the seconds that took."""
        began = time.monotonic()
        while await self.backlog():
            if time.monotonic() - began > patience:
                raise TimeoutError(f"work still waits after {patience} s")
            await asyncio.sleep(0.05)
        return time.monotonic() - began


@asynccontextmanager
async def whole_stack(*, quick: bool) -> AsyncIterator[WholeStack]:
    """Start it and stop it in the end."""
    with running_stack() as stack:
        database = await asyncpg.connect(run_env(stack.home)["CECOIA_DATABASE_URL"])
        try:
            yield WholeStack(stack, database)
        finally:
            await database.close()
