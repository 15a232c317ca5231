"""What tests of erasure and retention do and look at."""

import asyncio
import os
import subprocess
import sys

from shared.journal.read import read_stream_by_number

TEXT = "Demande reçue le 6 novembre, dossier RGPD-2018-12"


async def erase(sophie, number, *, key=None, **more):
    headers = {"Idempotency-Key": key} if key else {}
    return await sophie.post("/v1/people/erase", json={"number": number, "text": TEXT} | more, headers=headers)


async def attach(client, number, name="bulletin.txt", content=b"content"):
    answer = await client.post(f"/v1/incidents/{number}/documents", files=[("file", (name, content))])
    assert answer.status_code == 201
    return answer.json()["documents"][0]


async def keys(pool):
    return {row["person"] for row in await pool.fetch("SELECT person FROM keys.people")}


async def requester(pool, number):
    async with pool.acquire() as connection:
        created, *_ = await read_stream_by_number(connection, number)
    return created.meta.owner


async def until_led(housekeeping):
    async with asyncio.timeout(10):
        while not await housekeeping.tidy():
            await asyncio.sleep(0.01)


async def command(settings, *words):
    environment = os.environ | {
        "CECOIA_HOME": str(settings.home),
        **{
            f"CECOIA_{name.upper()}": str(getattr(settings, name))
            for name in ("database_url", "redis_url", "broker_url", "smtp_url", "oidc_issuer")
        },
    }
    line = [sys.executable, "-m", "services.intake", *words]
    return await asyncio.to_thread(
        subprocess.run, line, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
