"""How long after their 201 people have their mail."""

from __future__ import annotations

import asyncio
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiosmtplib
import msgspec

from shared.environment import run_env
from tests.bench.report import Figure
from tests.bench.rounds import percentile
from tests.bench.whole_stack import WholeStack

NAME: Final = "mail"
RATE: Final = 50.0


async def measure(place: WholeStack, *, quick: bool) -> Figure:
    """Time the way from the answer to the mail server, and that of the same mail handed over directly."""
    seconds, mails = (3, 100) if quick else (60, 1000)
    await place.settled()
    result = await place.send(clients=16, seconds=seconds, rate=RATE)
    await place.settled()
    answered = {msgspec.json.decode(body)["number"]: at for at, body in result.answered}
    arrived = _arrivals(place.stack.home / "mail" / "new")
    ways = [(arrived[number] - at) * 1000 for number, at in answered.items()]
    direct = await _direct(place.stack.home, mails)
    return Figure(
        name="201 to mail, median",
        ratio=percentile(ways, 0.5) / percentile(direct, 0.5),
        aim=None,
        at_most=True,
        ours=percentile(ways, 0.5),
        theirs=percentile(direct, 0.5),
        unit="ms",
        against="the same mail handed to that server over a kept session",
        conditions=f"whole stack, {seconds} s at {RATE:g}/s; {mails} mails directly",
        details={
            "p99, ms": percentile(ways, 0.99),
            "p99 directly, ms": percentile(direct, 0.99),
            "ratio of the p99": percentile(ways, 0.99) / percentile(direct, 0.99),
        },
    )


def _arrivals(folder: Path) -> dict[str, float]:
    """When the mail about each incident came: the demo server begins the names of its files with the instant."""
    header = BytesHeaderParser(policy=policy.default)
    found = {}
    for file in folder.iterdir():
        number = header.parsebytes(file.read_bytes())["X-CeCoIA-Incident"]
        found[str(number)] = int(file.name.partition(".")[0]) / 1e9
    return found


async def _direct(home: Path, mails: int) -> list[float]:
    """Milliseconds until the server has a mail that it once got, each time."""
    file = next((home / "mail" / "new").iterdir())
    mail = message_from_bytes(file.read_bytes(), _class=EmailMessage, policy=policy.SMTP)
    del mail["Return-Path"], mail["X-Envelope-To"]
    address = urlsplit(run_env(home)["CECOIA_SMTP_URL"])
    took = []
    async with aiosmtplib.SMTP(hostname=address.hostname, port=address.port) as client:
        for _ in range(mails):
            began = time.perf_counter()
            await client.send_message(mail)
            took.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(max(0.0, 1 / RATE - took[-1] / 1000))
    return took
