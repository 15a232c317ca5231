"""The notifier's real processes, for the few tests that need them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from shared.settings import Settings


@asynccontextmanager
async def running(command: str, settings: Settings, log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m services.notifier <command>`; terminated at the end, with whatever it started."""
    environment = os.environ | {
        "CECOIA_HOME": str(settings.home),
        "CECOIA_DATABASE_URL": settings.database_url,
        "CECOIA_BROKER_URL": settings.broker_url,
        "CECOIA_BROKER_OPTIONS": json.dumps(settings.broker_options),
        "CECOIA_REDIS_URL": settings.redis_url,
        "CECOIA_SMTP_URL": settings.smtp_url,
        "CECOIA_OFFER_EVERY": str(settings.offer_every),
    }
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.notifier",
            command,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
