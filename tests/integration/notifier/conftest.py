"""The notifier with real servers: a migrated database, Redis, and an SMTP server that can misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.notifier.relay import FOLLOWER
from services.notifier.tasks import JOBS
from services.notifier.toolbox import Toolbox, open_toolbox
from services.notifier.work import rows as work
from services.notifier.work.broker import make_broker
from services.notifier.work.dispatcher import Dispatcher
from services.notifier.work.queues import Kind
from shared.database import connect_pool
from shared.journal.follow import Follower
from shared.journal.sealing import Vault
from shared.settings import Settings
from tests.integration.notifier.desk import Desk
from tests.support.smtp import SmtpServer, smtp_server


@pytest.fixture
async def smtp() -> AsyncIterator[SmtpServer]:
    async with smtp_server() as server:
        yield server


@pytest.fixture
def settings(database_url: str, redis_url: str, broker_url: str, smtp: SmtpServer, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        database_url=database_url,
        broker_url=broker_url,
        redis_url=redis_url,
        smtp_url=smtp.url,
        documents_url=tmp_path.as_uri(),
        oidc_issuer="http://127.0.0.1:8003",
        portal_url="http://127.0.0.1:8000",
        intake_url="http://127.0.0.1:8001",
        query_url="http://127.0.0.1:8002",
    )


@pytest.fixture
async def tools(settings: Settings) -> AsyncIterator[Toolbox]:
    """What a worker works with, in the test's own loop."""
    async with open_toolbox(settings, make_broker(settings), lambda: False) as opened:
        yield opened


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    """Writes incidents into the journal; the catalogue stands."""
    async with await connect_pool(database_url, "cecoia_intake", name="test desk", size=3) as pool:
        one = Desk(pool, Vault(pool))
        await one.catalogue()
        yield one


class _Clock:
    """In place of wake-ups, which are hints only."""

    async def wait(self, seconds: float) -> bool:
        await asyncio.sleep(seconds)
        return False


class Bench:
    """Relay and workers in the test's own loop, step by step: nothing happens that the test does not ask for."""

    def __init__(self, tools: Toolbox) -> None:
        self.tools = tools
        self.messages: list[tuple[Kind, Any, list[int]]] = []
        self.dispatcher = Dispatcher(
            tools.pool, lambda kind, lease, ids: self.messages.append((kind, lease, list(ids)))
        )

    async def follow(self) -> None:
        """Plan the work of everything in the journal."""
        follower = Follower(self.tools.pool, self.tools.vault, FOLLOWER, _Clock(), poll=0.02)  # type: ignore[arg-type]
        task = asyncio.ensure_future(follower.run(work.plan))
        while await self._behind():
            assert not task.done(), task.exception()
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])

    async def _behind(self) -> bool:
        behind = await self.tools.pool.fetchval(
            "select exists (select from journal.events where (xid, position) > coalesce("
            "(select (xid, position) from journal.checkpoints where name = $1), ('0'::xid8, 0::bigint)))",
            FOLLOWER,
        )
        return bool(behind)

    async def dispatch(self) -> list[tuple[Kind, Any, list[int]]]:
        """Give out what is due; gives the messages."""
        self.messages.clear()
        await self.dispatcher.round()
        return list(self.messages)

    async def deliver(self, messages: list[tuple[Kind, Any, list[int]]]) -> None:
        for kind, lease, ids in messages:
            await JOBS[kind](self.tools, ids, lease)

    async def settle(self) -> None:
        """Follow, give out and work until nothing is due any more."""
        while True:
            await self.follow()
            messages = await self.dispatch()
            if not messages:
                return
            await self.deliver(messages)

    async def make_due(self) -> None:
        """As if the time of back-off and leases were over."""
        await self.tools.pool.execute(
            "update notifier.work set due_at = now(), lease_until = null where done_at is null and dead_at is null"
        )

    async def rows(self, kind: Kind) -> list[Any]:
        return await self.tools.pool.fetch("select * from notifier.work where kind = $1 order by id", kind)

    async def states(self) -> dict[str, int]:
        return {f"{count.kind}.{count.state}": count.rows for count in await work.counts(self.tools.pool)}


@pytest.fixture
def bench(tools: Toolbox) -> Bench:
    return Bench(tools)
