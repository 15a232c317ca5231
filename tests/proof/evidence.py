"""Reads, once everything is quiet, what the system kept: its journal, its documents, its own proofs."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx

from services.query.projections.registry import PROJECTIONS
from shared.database import Connection, Pool, connect_pool
from shared.journal.read import read_page
from shared.journal.records import START, Recorded
from shared.journal.sealing import Vault
from shared.journal.witness import Witness
from tests.proof.ledger import mark
from tests.proof.stand import Stand
from tests.proof.truth import EVENTS, Evidence, Fact

_MARK: Final = re.compile(mark("([0-9a-f]{32})"))
_TEXTS: Final = ("description", "text", "filename")
_COMMITTED: Final = """
select xid::text, extract(epoch from pg_xact_commit_timestamp(xid::text::xid))::float8 as at from journal.events group by xid
"""
#: Offers to programs stay open until an agent takes the incident, looks at targets until these are met or missed.
_DEAD: Final = ", dead"
_OPEN: Final = f"""
select kind || ' ' || coalesce(number, '-') || ' ' || recipient || ', attempts ' || attempts
       || case when dead_at is null then '' else '{_DEAD}' end || ': ' || coalesce(last_error, '') as row
from notifier.work where done_at is null and kind not in ('offer', 'target')
"""
#: Without them `verify` has only the chains to go by, and would find nothing wrong.
_UNSEALED: Final = """
select count(*) from journal.events where (xid, position) > (
    select last_xid, last_position from journal.blocks union all select '0', 0 order by 1 desc, 2 desc limit 1
)
"""
#: What README shows an operator who wants to know whether all is well.
PROOFS: Final = (
    ("shared.journal", "verify"),
    *(("services.query", "prove", name) for name in PROJECTIONS),
)


async def quiet(stand: Stand, seconds: float) -> bool:
    """Wait until no work is left, all is sealed and readers see the head; says whether that came true in time.

    What was refused for good is tried once more meanwhile, as an operator does.
    """
    try:
        async with asyncio.timeout(seconds):
            while True:
                rows = await unfinished(stand)
                if not rows and await _readers_at_head(stand):
                    return True
                if any(_DEAD in row for row in rows):
                    await run(stand, "services.notifier", "work", "--retry", "all")
                await asyncio.sleep(1)
    except TimeoutError:
        return False


async def unfinished(stand: Stand) -> list[str]:
    """Rows of work that are open or dead, and what the sealer left, in words."""
    try:
        connection = await asyncpg.connect(stand.servers.database_url, timeout=5)
        try:
            rows = [row["row"] for row in await connection.fetch(_OPEN)]
            return rows + [words async for words in _unsealed(connection, stand)]
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError) as error:
        return [f"the database does not answer: {type(error).__name__}"]


async def _unsealed(connection: Connection, stand: Stand) -> AsyncIterator[str]:
    if events := await connection.fetchval(_UNSEALED):
        yield f"{events} events are not sealed"
    blocks = await connection.fetchval("select count(*) from journal.blocks")
    witnessed = len({line.number for line in Witness.of({"CECOIA_HOME": str(stand.stack.home)}).lines()})
    if blocks > witnessed:
        yield f"{blocks - witnessed} seals are not witnessed"


async def _readers_at_head(stand: Stand) -> bool:
    """Whether what reporting and requesters read shows the last event that there is."""
    try:
        async with await _pool(stand) as pool:
            row = await pool.fetchrow(
                "select xid::text::bigint as xid, position from journal.events order by events.xid desc, position desc limit 1"
            )
        if row is None:
            return False
        head = type(START)(row["xid"], row["position"]).encode()
        paths = ("/v1/incidents", "/v1/reports/volumes")
        answers = await asyncio.gather(
            *(_asked(stand, "sophie.durand", path, {"Min-Event-Position": head}) for path in paths)
        )
    except (OSError, asyncpg.PostgresError, httpx.HTTPError):
        return False
    return all(answer.status_code == httpx.codes.OK for answer in answers)


async def gather(stand: Stand, disturbed: float, fed: Mapping[str, Sequence[UUID]]) -> Evidence:
    """Everything that truth is judged by; `disturbed` and `fed` as there."""
    async with await _pool(stand) as pool:
        facts = await _facts(pool)
    return Evidence(
        facts=facts,
        deliveries=tuple(stand.mailbox.deliveries),
        disturbed=disturbed,
        fed=fed,
        bytes_read=await _documents(stand, facts),
        unfinished=await unfinished(stand),
        commands=[words for proof in PROOFS if (words := await run(stand, *proof))],
    )


async def run(stand: Stand, *command: str) -> str:
    """Run a command of the operator; what it said where it failed, empty where it did not."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *command,
        env=os.environ | {"CECOIA_HOME": str(stand.stack.home)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    words, _ = await process.communicate()
    return f"{' '.join(command)}: {words.decode(errors='replace')[-1000:]}" if process.returncode else ""


async def _pool(stand: Stand) -> Pool:
    return await connect_pool(stand.servers.database_url, "cecoia_query", name="proof", size=2)


async def _facts(pool: Pool) -> list[Fact]:
    vault, facts, after = Vault(pool), [], START
    async with pool.acquire() as connection:
        at = {int(row["xid"]): row["at"] for row in await connection.fetch(_COMMITTED)}
        while page := await read_page(connection, after):
            after = page[-1].position
            facts += [_fact(recorded, at[recorded.position.xid]) for recorded in await vault.unseal(page, connection)]
    return facts


def _fact(recorded: Recorded, at: float) -> Fact:
    event: Any = recorded.event
    texts = " ".join(str(getattr(event, name, "")) for name in _TEXTS)
    found = _MARK.search(texts)
    name = type(event).__name__
    attached = name == EVENTS["document"]
    return Fact(
        type=name,
        stream=recorded.stream_id,
        number=recorded.number or "",
        version=recorded.version,
        event=recorded.event_id,
        at=at,
        key=found[1] if found else "",
        cause=getattr(event, "cause", None),
        message_id=getattr(event, "message_id", ""),
        document=event.document if attached else None,
        filename=event.filename if attached else "",
        sha256=event.sha256 if attached else "",
        text=str(getattr(event, "description", None) or getattr(event, "text", None) or ""),
    )


async def _documents(stand: Stand, facts: Iterable[Fact]) -> dict[UUID, str]:
    """What query gives for every document that was ever attached."""
    wanted = [fact for fact in facts if fact.document is not None]
    async with _client(stand) as client:
        read = partial(_bytes, client, await _token(client, stand, "nadia.benali"))
        return {fact.document: await read(fact) for fact in wanted if fact.document is not None}


async def _bytes(client: httpx.AsyncClient, token: str, fact: Fact) -> str:
    path = f"/v1/incidents/{fact.number}/documents/{fact.document}"
    answer = await client.get(path, headers={"Authorization": f"Bearer {token}"})
    return hashlib.sha256(answer.content).hexdigest() if answer.status_code == httpx.codes.OK else ""


async def _asked(stand: Stand, who: str, path: str, headers: dict[str, str]) -> httpx.Response:
    async with _client(stand) as client:
        token = await _token(client, stand, who)
        return await client.get(path, headers=headers | {"Authorization": f"Bearer {token}"})


def _client(stand: Stand) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{stand.stack.port + 2}", timeout=20)


async def _token(client: httpx.AsyncClient, stand: Stand, who: str) -> str:
    form = {"grant_type": "password", "username": who, "password": "demo"}
    answer = await client.post(f"http://127.0.0.1:{stand.stack.port + 3}/token", data=form)
    return str(answer.raise_for_status().json()["access_token"])
