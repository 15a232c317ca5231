"""A generation that is kept up to date: the journal is applied to it page by page, and what changed is told."""

import asyncio
from typing import Any, NoReturn

from services.query.changes import publish
from services.query.projections.generations import Generation, Projection, Touched
from shared.database import Connection, Pool
from shared.journal.follow import Follower
from shared.journal.records import Recorded
from shared.journal.sealing import Vault
from shared.wakeups import Messages, Wakeups


async def follow(
    pool: Pool, vault: Vault, redis_url: str, projection: Projection, generation: Generation, *, page: int = 1000
) -> NoReturn:
    """Apply the journal to one generation, page by page, and tell what changed after each."""
    touched: list[Touched] = []
    messages = Messages(redis_url)

    async def handle(connection: Connection, events: list[Recorded]) -> None:
        touched[:] = await projection.apply(connection, generation.schema, events)

    async def tell(_: list[Recorded]) -> None:
        await publish(messages, touched)

    try:
        async with Wakeups(redis_url) as wakeups:
            follower = Follower(pool, vault, generation.checkpoint, wakeups, page=page, personal=projection.personal)
            await follower.run(handle, tell)
    finally:
        await messages.close()


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel a task that talks to the database until it has ended.

    Once may not be enough: an error of the connection that is being left can take the place of the cancellation, and
    is then taken for a reason to try again.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.5)
