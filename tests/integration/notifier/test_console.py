"""`python -m services.notifier work`: what an operator sees of the work, and can do about it."""

from __future__ import annotations

import asyncio
import os
import sys

from shared.events.notification import ConfirmationSent, NotificationFailed
from shared.settings import Settings
from tests.integration.notifier.conftest import Bench
from tests.integration.notifier.desk import Desk
from tests.support.smtp import Fault, SmtpServer


async def command(settings: Settings, *arguments: str) -> tuple[int | None, str]:
    """Run the command; gives exit code and output."""
    environment = os.environ | {
        "CECOIA_HOME": str(settings.home),
        "CECOIA_DATABASE_URL": settings.database_url,
        "CECOIA_BROKER_URL": settings.broker_url,
        "CECOIA_REDIS_URL": settings.redis_url,
        "CECOIA_SMTP_URL": settings.smtp_url,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.notifier", "work", *arguments, env=environment, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_dead_work_is_seen_and_tried_again(
    bench: Bench, desk: Desk, smtp: SmtpServer, settings: Settings
) -> None:
    smtp.faults.append(Fault("rcpt", "550 5.1.1 No such user"))
    stream = await desk.create(await desk.claire())
    await bench.settle()
    code, listed = await command(settings, "--dead")
    number = (await desk.events(stream))[0].number
    assert (code, len(listed.splitlines())) == (0, 1)
    assert f"mail  requester  {number}  attempts 1" in listed
    assert "550 5.1.1 No such user" in listed
    assert "claire" not in listed
    identifier = listed.split()[0]

    assert await command(settings, "--retry", identifier) == (0, f"due again: {identifier}\n")
    await bench.settle()
    assert len(await desk.of_type(stream, NotificationFailed)) == 2

    smtp.faults.clear()
    assert await command(settings, "--retry", "all") == (0, f"due again: {identifier}\n")
    await bench.settle()
    (confirmed,) = await desk.of_type(stream, ConfirmationSent)
    assert confirmed.attempts == 3
    assert await command(settings, "--dead") == (0, "nothing is dead\n")


async def test_a_row_that_is_not_dead_cannot_be_retried(settings: Settings) -> None:
    assert await command(settings, "--retry", "12") == (1, "due again: nothing\n")
    assert await command(settings, "--retry", "all") == (0, "due again: nothing\n")


async def test_the_summary_counts(bench: Bench, desk: Desk, settings: Settings) -> None:
    assert await command(settings) == (0, "no work yet\n")
    await desk.create(await desk.claire())
    await bench.follow()
    code, output = await command(settings)
    assert (code, [line.split() for line in output.splitlines()]) == (
        0,
        [["mail", "due", "1"], ["route", "due", "1"], ["target", "due", "1"]],
    )
