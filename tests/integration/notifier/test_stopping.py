"""A worker that is to end ends in time, whatever it has in hand."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis
from msgspec.structs import replace

from deploy import redis as redis_server
from shared.settings import Settings
from tests.integration.notifier.desk import Desk
from tests.integration.notifier.processes import running
from tests.support.smtp import HANG, Fault, SmtpServer
from tests.support.waiting import until
from tests.support.wire_cutter import WireCutter

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("silent", [False, True], ids=["away", "silent"])
async def test_while_the_database_lets_nothing_be_recorded(
    settings: Settings, desk: Desk, smtp: SmtpServer, tmp_path: Path, silent: bool
) -> None:
    log = tmp_path / "log"
    smtp.faults.append(Fault("data", HANG))
    async with WireCutter(settings.database_url).running() as wire:
        behind = replace(settings, database_url=wire.url)
        async with running("relay", settings, log), running("worker", behind, log) as worker:
            await desk.create(await desk.claire())
            await until(lambda: smtp.sessions)
            wire.swallows, wire.refuses = silent, not silent
            if wire.refuses:
                wire.cut()
            await smtp.stop()
            await until(lambda: silent or "services.notifier.toolbox" in log.read_text())
            worker.terminate()
            await asyncio.wait({asyncio.create_task(worker.wait())}, timeout=8)
            assert worker.returncode == 0, log.read_text()
    assert "job_cut_off" in log.read_text()


@pytest.fixture
def full_redis(servers_folder: Path, tmp_path: Path) -> Iterator[tuple[Path, redis.Redis]]:
    """Sockets of a Redis, and a client of it, that takes nothing more once it has been asked to save."""
    data, sockets = tmp_path / "redis", servers_folder / f"m{os.getpid()}{id(tmp_path) % 1000}"
    with ExitStack() as stack:
        url = stack.enter_context(redis_server.serving(data, sockets, durable=False))
        client = stack.enter_context(redis.Redis.from_url(url))
        client.config_set("save", "3600 1")
        (data / "dump.rdb").mkdir()
        yield sockets, client
        client.config_set("save", "")  # it would not end before it has saved


async def test_when_redis_takes_nothing_more_it_gives_up_by_itself(
    settings: Settings,
    desk: Desk,
    smtp: SmtpServer,
    full_redis: tuple[Path, redis.Redis],
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    sockets, client = full_redis
    own = replace(settings, redis_url=redis_server.url(sockets), broker_url=redis_server.broker_url(sockets))
    smtp.faults.append(Fault("data", HANG))
    async with running("relay", own, log), running("worker", own, log) as worker:
        await desk.create(await desk.claire())
        await until(lambda: smtp.sessions)
        client.bgsave()
        await asyncio.wait({asyncio.create_task(worker.wait())}, timeout=12)
        assert worker.returncode == 1, log.read_text()
    assert "MISCONF" in log.read_text()
