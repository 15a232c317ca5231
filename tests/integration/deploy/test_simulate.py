"""A simulated past stands in the journal like a real one, and the notifier leaves it alone."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from deploy.database import bring_up_to_date
from deploy.run import CATALOGUE
from deploy.simulate import rhythm
from deploy.simulate.__main__ import simulate
from deploy.simulate.lead import NotNowError, leading
from services.notifier.relay import FOLLOWER
from services.notifier.work.rows import plan
from services.query.projections.rebuild import build
from services.query.projections.registry import PROJECTIONS
from shared.catalogue import parse_toml
from shared.database import Pool, connect_pool
from shared.documents import DocumentStore
from shared.journal.append import append
from shared.journal.follow import Follower
from shared.journal.read import checkpoint
from shared.journal.records import Position
from shared.journal.sealing import Vault
from shared.journal.verify import Finding, verify
from shared.journal.witness import Witness
from shared.settings import Settings
from shared.wakeups import Wakeups
from tests.support.history import opening, person

DAYS = rhythm.days(date(2025, 9, 1), 30, 200)


@pytest.fixture
async def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    variables = {
        "CECOIA_HOME": str(tmp_path),
        "CECOIA_DATABASE_URL": database_url,
        "CECOIA_REDIS_URL": redis_url,
        "CECOIA_BROKER_URL": redis_url,
        "CECOIA_SMTP_URL": "smtp://127.0.0.1:1",
    }
    await bring_up_to_date(variables, CATALOGUE.read_text(encoding="utf-8"))
    return Settings.read(variables)


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    opened = await connect_pool(settings.database_url, "cecoia_notifier", name="cecoia test")
    yield opened
    await opened.close()


async def verified(settings: Settings) -> Finding:
    """What verifying finds, as the owner."""
    owner = await asyncpg.connect(settings.database_url)
    try:
        return await verify(owner, Witness.of({"CECOIA_HOME": str(settings.home)}))
    finally:
        await owner.close()


async def head(connection: asyncpg.Connection) -> Position:
    row = await connection.fetchrow("SELECT xid, position FROM journal.events ORDER BY xid DESC, position DESC LIMIT 1")
    return Position(row["xid"], row["position"])


async def test_a_past_is_written_once_and_in_order(settings: Settings, pool: Pool) -> None:
    written = await simulate(settings, DAYS, seed=3, processes=2)
    again = await simulate(settings, DAYS, seed=3, processes=3)

    assert (written.incidents, again) == (200, (0, 0, (0, 0)))
    found = await verified(settings)
    async with pool.acquire() as connection:
        days = [
            row["day"]
            for row in await connection.fetch(
                "SELECT (recorded_at AT TIME ZONE 'Europe/Paris')::date AS day FROM journal.events"
                " WHERE type = 'IncidentCreated' ORDER BY xid, position"
            )
        ]
        assert await checkpoint(connection, FOLLOWER) == await head(connection)
    assert (found.lie, found.events) == (None, written.events + len(parse_toml(CATALOGUE.read_text("utf-8"))))
    assert Counter(days) == {day.date: day.incidents for day in DAYS if day.incidents}


async def test_projections_and_documents_know_what_was_written(settings: Settings) -> None:
    await simulate(settings, DAYS, seed=3, processes=2)

    reader = await connect_pool(settings.database_url, "cecoia_query", name="cecoia test")
    try:
        tracking = await build(reader, Vault(reader), PROJECTIONS["tracking"])
        rows = await reader.fetch(f"SELECT status, count(*) FROM {tracking.schema}.incidents GROUP BY status")
        documents = await reader.fetch(
            "SELECT DISTINCT data ->> 'sha256' AS sha256 FROM journal.events WHERE type = 'DocumentAttached'"
        )
    finally:
        await reader.close()
    assert sum(row["count"] for row in rows) == 200
    assert {row["status"] for row in rows} >= {"closed", "resolved", "cancelled"}
    store = DocumentStore(settings.documents_url)
    assert all([await store.size(row["sha256"]) > 0 for row in documents])


async def test_news_hold_as_long_as_their_known_error(settings: Settings) -> None:
    await simulate(settings, DAYS, seed=3, processes=1)

    reader = await connect_pool(settings.database_url, "cecoia_query", name="cecoia test")
    try:
        schema = (await build(reader, Vault(reader), PROJECTIONS["knowledge"])).schema
        pairs = await reader.fetch(
            f"SELECT n.published_at, n.withdrawn_at, e.published_at AS since, e.ended_at AS until"
            f" FROM {schema}.news n JOIN {schema}.errors e USING (title, published_at)"
        )
        news = await reader.fetchval(f"SELECT count(*) FROM {schema}.news")
        errors = await reader.fetchval(f"SELECT count(*) FROM {schema}.errors")
    finally:
        await reader.close()
    assert 0 < news == len(pairs) < errors
    assert all(pair["withdrawn_at"] == pair["until"] for pair in pairs)
    assert any(pair["until"] for pair in pairs)


async def test_it_waits_for_work_that_the_notifier_has_not_planned(settings: Settings, pool: Pool) -> None:
    async with pool.acquire() as connection:
        vault = Vault(pool)
        requester = person(await vault.person(issuer="x", sub="aude", name="", email=None))
        await append(connection, [opening(requester)], vault)
    with pytest.raises(NotNowError, match="has still to read"):
        await simulate(settings, DAYS, seed=3, processes=1)


async def test_events_of_others_are_not_passed_over(settings: Settings, pool: Pool) -> None:
    vault = Vault(pool)
    requester = person(await vault.person(issuer="x", sub="aude", name="", email=None))
    async with leading(settings.database_url) as lead, pool.acquire() as connection:
        before = await checkpoint(connection, FOLLOWER)
        outcomes = await append(connection, [opening(requester), opening(requester)], vault)
        with pytest.raises(NotNowError, match="1 events of others"):
            await lead.pass_over(max(o.position for o in outcomes if o.position), events=1)
        assert await checkpoint(connection, FOLLOWER) == before


async def test_a_relay_that_runs_waits_and_then_goes_on(settings: Settings, pool: Pool) -> None:
    async with Wakeups(settings.redis_url) as wakeups:
        vault = Vault(pool)
        following = asyncio.create_task(Follower(pool, vault, FOLLOWER, wakeups, personal=False, poll=0.1).run(plan))
        await caught_up(pool)
        written = await simulate(settings, DAYS, seed=3, processes=1)
        requester = person(await vault.person(issuer="x", sub="aude", name="", email=None))
        async with pool.acquire() as connection:
            await append(connection, [opening(requester)], vault)
        await caught_up(pool)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    assert written.incidents == 200
    planned = await pool.fetch("SELECT kind FROM notifier.work")
    assert Counter(row["kind"] for row in planned) == {"route": 1, "mail": 1, "target": 1}


async def caught_up(pool: Pool) -> None:
    """Wait until the notifier has read all of the journal."""
    async with asyncio.timeout(20), pool.acquire() as connection:
        while await checkpoint(connection, FOLLOWER) != await head(connection):
            await asyncio.sleep(0.02)
