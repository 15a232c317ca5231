"""Services that are started while the database is away."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.startup import wait_for_database
from tests.support.waiting import until
from tests.support.wire_cutter import WireCutter

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
SERVICES = (
    ("services.intake",),
    ("services.intake", "post"),
    ("services.query",),
    ("services.query", "project"),
    ("services.notifier", "relay"),
    ("shared.journal", "seal"),
)


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """What the process did on signals before."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("command", SERVICES, ids=" ".join)
async def test_each_waits_and_ends_when_it_is_told(command: tuple[str, ...], tmp_path: Path) -> None:
    environment = os.environ | {
        "CECOIA_HOME": str(tmp_path),
        "CECOIA_DATABASE_URL": NOWHERE,
        "CECOIA_REDIS_URL": "redis://127.0.0.1:1",
        "CECOIA_BROKER_URL": "redis://127.0.0.1:1",
        "CECOIA_SMTP_URL": "smtp://127.0.0.1:1",
    }
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *command, env=environment, stdout=output, stderr=output
        )
    try:
        await until(lambda: process.returncode is not None or "database_awaited" in log.read_text())
        assert process.returncode is None, log.read_text()
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 8) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert "Traceback" not in log.read_text()


async def test_it_goes_on_as_soon_as_the_database_is_back(database_url: str) -> None:
    async with WireCutter(database_url).running() as wire:
        wire.refuses = True
        code = f"from shared.startup import wait_for_database; wait_for_database({wire.url!r})"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        assert process.stdout
        assert b"database_awaited" in await asyncio.wait_for(process.stdout.readline(), 30)
        wire.refuses = False
        assert await asyncio.wait_for(process.wait(), 15) == 0


def test_its_patience_ends_with_one_line() -> None:
    with pytest.raises(SystemExit) as ended:
        wait_for_database(NOWHERE, patience=0)
    assert str(ended.value).startswith("the database cannot be used: ConnectionRefusedError")


def test_it_does_not_wait_for_a_database_that_refuses(postgres_url: str) -> None:
    with pytest.raises(SystemExit, match="InvalidCatalogNameError") as ended:
        wait_for_database(postgres_url.replace("/postgres?", "/unknown?"))
    assert "\n" not in str(ended.value)
