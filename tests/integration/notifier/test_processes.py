"""Relay and worker as they run: from the journal to the mailbox, through kills and a flushed broker."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest
import redis
from msgspec.structs import replace

from deploy import redis as redis_server
from services.notifier.toolbox import Toolbox
from services.notifier.work import rows as work
from shared.events.incident import IncidentPutOnHold, IncidentResumed, IncidentRouted
from shared.events.notification import ConfirmationSent
from shared.events.vocabulary import HoldReason
from shared.settings import Settings
from tests.integration.notifier.desk import Desk
from tests.integration.notifier.processes import running
from tests.support.smtp import HANG, Fault, SmtpServer
from tests.support.waiting import until

pytestmark = pytest.mark.slow


async def once_each(desk: Desk, streams: list[Any]) -> bool:
    """Whether every incident is routed once and confirmed once, and no more than that."""
    found = [(await desk.of_type(s, IncidentRouted), await desk.of_type(s, ConfirmationSent)) for s in streams]
    assert all(len(routed) <= 1 and len(confirmed) <= 1 for routed, confirmed in found)
    return all(routed and confirmed for routed, confirmed in found)


async def test_incidents_are_confirmed_and_both_processes_end_well(
    settings: Settings, desk: Desk, smtp: SmtpServer, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    async with running("relay", settings, log) as relay, running("worker", settings, log) as worker:
        claire = await desk.claire()
        streams = [await desk.create(claire) for _ in range(30)]
        await smtp.until(30)
        await until(lambda: once_each(desk, streams))
        relay.terminate()
        worker.terminate()
        assert await asyncio.wait_for(relay.wait(), 8) == 0, log.read_text()
        assert await asyncio.wait_for(worker.wait(), 8) == 0, log.read_text()
    assert len({mail.message["Message-ID"] for mail in smtp.mails}) == len(smtp.mails) == 30
    assert "Traceback" not in log.read_text()


async def test_a_killed_worker_takes_its_children_along_and_another_finishes(
    settings: Settings, desk: Desk, smtp: SmtpServer, tools: Toolbox, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    smtp.faults.append(Fault("data", HANG))
    async with running("relay", settings, log), running("worker", settings, log) as worker:
        stream = await desk.create(await desk.claire())
        sending = "select count(*) from notifier.work where kind = 'mail' and attempts = 1"
        await until(lambda: tools.pool.fetchval(sending))
        children = psutil.Process(worker.pid).children(recursive=True)
        assert len(children) == 2
        os.kill(worker.pid, signal.SIGKILL)
        await worker.wait()
        await asyncio.to_thread(psutil.wait_procs, children, 5)
        assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)
        smtp.faults.clear()
        async with running("worker", settings, log):
            await tools.pool.execute(
                "update notifier.work set lease_until = now(), due_at = now() where lease is not null"
            )
            await until(lambda: once_each(desk, [stream]))
    (confirmed,) = await desk.of_type(stream, ConfirmationSent)
    assert confirmed.attempts == 2
    assert len(smtp.mails) == 1


async def test_a_flushed_broker_loses_nothing(
    settings: Settings, desk: Desk, smtp: SmtpServer, tools: Toolbox, tmp_path: Path
) -> None:
    """Messages were queued, nobody had read them, Redis forgot them: their leases end, they go out again."""
    log = tmp_path / "log"
    claire = await desk.claire()
    streams = [await desk.create(claire) for _ in range(10)]
    async with running("relay", settings, log):
        leased = "select count(*) = 20 from notifier.work where kind in ('route', 'mail') and lease is not null"
        await until(lambda: tools.pool.fetchval(leased))
        with redis.Redis.from_url(settings.redis_url) as client:
            client.flushall()
        async with running("worker", settings, log):
            await tools.pool.execute("update notifier.work set lease_until = now()")
            await until(lambda: once_each(desk, streams))
    assert len(smtp.mails) == 10


async def test_a_date_that_comes_while_nobody_runs_ends_the_hold_afterwards(
    settings: Settings, desk: Desk, tools: Toolbox, tmp_path: Path
) -> None:
    log, nadia = tmp_path / "log", await desk.nadia()
    stream = await desk.create(await desk.claire())
    await desk.take(stream, nadia)
    soon = datetime.now(UTC) + timedelta(seconds=5)
    await desk.record(stream, IncidentPutOnHold(by=nadia, reason=HoldReason.DATE, until=soon))
    async with running("relay", settings, log):
        planned = "select count(*) from notifier.work where kind = 'resume'"
        await until(lambda: tools.pool.fetchval(planned))
    await until(
        lambda: tools.pool.fetchval("select count(*) from notifier.work where kind = 'resume' and due_at < now()")
    )
    assert await desk.of_type(stream, IncidentResumed) == []
    async with running("relay", settings, log), running("worker", settings, log):
        done = "select count(*) from notifier.work where kind = 'resume' and done_at is not null"
        await until(lambda: tools.pool.fetchval(done))
    assert await desk.of_type(stream, IncidentResumed) == [IncidentResumed()]


async def test_a_child_killed_in_the_middle_is_replaced(
    settings: Settings, desk: Desk, smtp: SmtpServer, tools: Toolbox, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    smtp.faults.append(Fault("data", HANG, times=4))
    claire = await desk.claire()
    streams = [await desk.create(claire) for _ in range(6)]
    async with running("relay", settings, log), running("worker", settings, log) as worker:
        sending = "select count(*) >= 4 from notifier.work where kind = 'mail' and attempts = 1"
        await until(lambda: tools.pool.fetchval(sending))
        for child in psutil.Process(worker.pid).children(recursive=True):
            child.kill()
        due = "update notifier.work set lease_until = now(), due_at = now() where lease is not null and attempts > 0"
        await tools.pool.execute(due)
        await until(lambda: once_each(desk, streams))
    assert len(smtp.mails) == 6


async def test_a_worker_told_to_stop_waits_for_a_hanging_server_only_so_long(
    settings: Settings, desk: Desk, smtp: SmtpServer, tools: Toolbox, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    smtp.faults.append(Fault("data", HANG))
    async with running("relay", settings, log), running("worker", settings, log) as worker:
        claire = await desk.claire()
        for _ in range(8):
            await desk.create(claire)
        sending = "select count(*) >= 4 from notifier.work where kind = 'mail' and attempts = 1"
        await until(lambda: tools.pool.fetchval(sending))
        worker.terminate()
        assert await asyncio.wait_for(worker.wait(), 12) == 0, log.read_text()
    counts = [count for count in await work.counts(tools.pool) if count.kind == "mail"]
    assert sum(count.rows for count in counts if count.state in {"due", "waiting", "leased"}) == 8


async def test_two_relays_and_two_workers_do_everything_once(
    settings: Settings, desk: Desk, smtp: SmtpServer, tools: Toolbox, tmp_path: Path
) -> None:
    """One relay is killed; what it had leased and not yet given out goes out when those leases end."""
    log = tmp_path / "log"
    async with (
        running("relay", settings, log) as leader,
        running("relay", settings, log),
        running("worker", settings, log),
        running("worker", settings, log),
    ):
        claire = await desk.claire()
        streams = [await desk.create(claire) for _ in range(40)]
        os.kill(leader.pid, signal.SIGKILL)
        streams += [await desk.create(claire) for _ in range(40)]
        await tools.pool.execute(
            "update notifier.work set lease_until = now() where lease is not null and attempts = 0"
        )
        await until(lambda: once_each(desk, streams), 60)
    assert len({mail.message["Message-ID"] for mail in smtp.mails}) == len(smtp.mails) == 80


async def test_programs_get_what_nobody_took(
    settings: Settings, desk: Desk, tools: Toolbox, redis_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    every_second = replace(settings, offer_every=1)
    with redis.Redis.from_url(redis_url.replace("db=0", "db=1")) as broker:
        async with running("relay", every_second, log), running("worker", every_second, log):
            stream = await desk.create(await desk.claire(), subject="poste.logiciel")

            async def offered() -> bool:
                return broker.lpop("agents.postes") is not None

            await until(offered)
            await until(offered)
            await desk.take(stream, await desk.nadia())
            over = "select count(*) = 1 from notifier.work where kind = 'offer' and done_at is not null"
            await until(lambda: tools.pool.fetchval(over))
            assert broker.llen("agents.postes") == 0


async def test_the_broker_and_the_database_may_come_and_go(
    settings: Settings, desk: Desk, smtp: SmtpServer, servers_folder: Path, tmp_path: Path
) -> None:
    """Redis is killed and starts empty; every connection to the database breaks: incidents go on being confirmed."""
    log = tmp_path / "log"
    data, sockets = tmp_path / "redis", servers_folder / f"b{os.getpid()}{id(desk) % 1000}"
    own = {"redis_url": redis_server.url(sockets), "broker_url": redis_server.broker_url(sockets)}
    claire = await desk.claire()
    streams = []
    owner = await asyncpg.connect(settings.database_url)
    async with AsyncExitStack() as stack:
        with redis_server.serving(data, sockets, durable=False):
            await stack.enter_async_context(running("relay", replace(settings, **own), log))
            await stack.enter_async_context(running("worker", replace(settings, **own), log))
            streams += [await desk.create(claire) for _ in range(5)]
            await until(lambda: once_each(desk, streams))
        streams += [await desk.create(claire) for _ in range(5)]
        with redis_server.serving(data, sockets, durable=False):
            await until(lambda: once_each(desk, streams), 60)
            await owner.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and application_name in ('cecoia relay', 'cecoia worker')"
            )
            streams += [await desk.create(claire) for _ in range(5)]
            await owner.execute("update notifier.work set lease_until = now() where lease is not null")
            await until(lambda: once_each(desk, streams), 60)
            await stack.aclose()
    await owner.close()
    assert len(smtp.mails) == 15


async def test_a_broker_that_dies_while_all_hands_are_full_is_found_again(  # noqa: PLR0917
    settings: Settings, desk: Desk, smtp: SmtpServer, tools: Toolbox, servers_folder: Path, tmp_path: Path
) -> None:
    """Twice: no child waits for a message, and none can say that it is done with its own, when Redis is away."""
    log = tmp_path / "log"
    data, sockets = tmp_path / "redis", servers_folder / f"f{os.getpid()}{id(desk) % 1000}"
    own = {"redis_url": redis_server.url(sockets), "broker_url": redis_server.broker_url(sockets)}
    claire = await desk.claire()
    streams = []

    async def lost(times: int) -> bool:
        return (await asyncio.to_thread(log.read_text)).count("acknowledgement_lost") >= times

    async with AsyncExitStack() as stack:
        for times in (1, 2):
            hang = Fault("data", HANG)
            with redis_server.serving(data, sockets, durable=False):
                if times == 1:
                    await stack.enter_async_context(running("relay", replace(settings, **own), log))
                    await stack.enter_async_context(running("worker", replace(settings, **own), log))
                await until(lambda: once_each(desk, streams), 60)
                smtp.faults.append(hang)
                for count in (1, 2):
                    streams.append(await desk.create(claire))
                    sending = "select count(*) = $1 from notifier.work where kind = 'mail' and attempts > 0 and done_at is null"
                    await until(lambda count=count, sending=sending: tools.pool.fetchval(sending, count))
            smtp.faults.clear()
            await smtp.stop()
            await smtp.start()
            await until(lambda times=times: lost(times))
        with redis_server.serving(data, sockets, durable=False):
            await until(lambda: once_each(desk, streams), 60)
            await stack.aclose()
