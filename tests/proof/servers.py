"""PostgreSQL and Redis of the run: the embedded ones, under a supervisor of ours, on a disk of ours."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from deploy import postgres, redis
from deploy.addresses import plan
from deploy.processes import SERVERS, processes
from deploy.sockets import socket_folder
from deploy.supervisor import Supervisor
from tests.proof.proxy import Dial


class Servers:
    """The two servers.

    Args:
        disk: folder of their data.
        logs: folder of their logs, elsewhere.
        say: prints a line.
    """

    def __init__(self, disk: Path, logs: Path, say: Callable[[str], None]) -> None:
        self._disk = disk
        self._supervisor = Supervisor(logs, logs / "servers.json", os.environ, say)
        self._postgres = socket_folder(disk, "postgres")
        self._redis = socket_folder(disk, "redis")

    @property
    def database_url(self) -> str:
        """The database, not through any proxy."""
        return postgres.url(self._postgres, "cecoia")

    @property
    def redis_url(self) -> str:
        """Redis, not through any proxy."""
        return redis.url(self._redis)

    def to_postgres(self) -> Dial:
        """Connects to PostgreSQL."""
        return lambda: asyncio.open_unix_connection(self._postgres / ".s.PGSQL.5432")

    def to_redis(self) -> Dial:
        """Connects to Redis."""
        return lambda: asyncio.open_unix_connection(self._redis / "redis.sock")

    def pid(self, name: str) -> int | None:
        """Process id of `postgres` or `redis`; None while it is not there."""
        return self._supervisor.pid(name)

    def forget_redis(self) -> None:
        """Remove the file from which Redis would know again what it knew; for while it is dead."""
        shutil.rmtree(self._disk / "redis" / "appendonlydir", ignore_errors=True)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Servers]:
        """Run them inside an `async with` block."""
        data = self._disk / "postgres"
        postgres.give(self._postgres)
        await asyncio.to_thread(postgres.prepare, data)
        with (data / "postgresql.conf").open("a", encoding="ascii") as settings:
            settings.write("track_commit_timestamp = on\n")  # the true instant at which each event became durable
        (self._disk / "redis").mkdir(mode=0o700)
        both = processes(self._disk, plan(self._disk, {}))
        try:
            await self._supervisor.start(process for process in both if process.stage == SERVERS)
            yield self
        finally:
            await self._supervisor.stop()
