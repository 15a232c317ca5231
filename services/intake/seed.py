"""Brings the catalogue in the journal to what a file says; the same file again changes nothing."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from shared import clock
from shared.catalogue import CATALOGUE_STREAM, difference, load, parse_toml
from shared.database import connect_pool
from shared.journal.append import append
from shared.journal.read import stream_version
from shared.journal.records import Append, NewEvent, Verdict
from shared.journal.sealing import Vault
from shared.logs import logger
from shared.settings import Settings

_log = logger(__name__)
_ATTEMPTS: Final = 5


async def seed(settings: Settings, text: str) -> int:
    """Append what differs between the catalogue and the file.

    Args:
        settings: where the journal is.
        text: of the catalogue file (TOML).

    Returns:
        How many events were appended.

    Raises:
        tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError: the file is wrong.
        OSError, asyncpg.PostgresError: the journal cannot be reached.
    """
    wanted = parse_toml(text)
    pool = await connect_pool(settings.database_url, "cecoia_intake", name="cecoia seed", size=2)
    vault = Vault(pool)
    try:
        for _ in range(_ATTEMPTS):
            async with pool.acquire() as connection:
                version = await stream_version(connection, CATALOGUE_STREAM)
                events = difference(await load(connection, vault), wanted)
                if not events:
                    return 0
                command = Append(
                    stream_id=CATALOGUE_STREAM,
                    events=tuple(NewEvent(event_id=uuid4(), event=event) for event in events),
                    recorded_at=clock.now(),
                    expected_version=version,
                )
                (outcome,) = await append(connection, [command], vault)
            if outcome.verdict is Verdict.APPENDED:
                _log.info("catalogue_seeded", events=len(events), version=outcome.version)
                return len(events)
        raise ValueError("the catalogue is being changed by somebody else")
    finally:
        await pool.close()
