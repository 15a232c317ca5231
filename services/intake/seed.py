"""Reads the catalogue from a file; the same file again changes nothing.

What the file said when it was read last stands in the journal. At a start only what has changed in it since then is
appended, so that it never undoes what supervisors changed on pages; `everything` brings the catalogue to what the file
says, whoever changed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from shared import clock
from shared.catalogue import CATALOGUE_STREAM, Catalogue, CatalogueEvent, difference, parse_toml
from shared.catalogue_history import as_files_said
from shared.database import connect_pool
from shared.journal.append import append
from shared.journal.read import read_stream
from shared.journal.records import Append, NewEvent, Recorded, Verdict
from shared.journal.sealing import Vault, leave_sealed
from shared.logs import logger
from shared.settings import Settings

_log = logger(__name__)
_ATTEMPTS: Final = 5


async def seed(settings: Settings, text: str, *, everything: bool = False) -> int:
    """Append what the file says otherwise.

    Args:
        settings: where the journal is.
        text: of the catalogue file (TOML).
        everything: otherwise than the catalogue, not only than the file that was read before it.

    Returns:
        How many events were appended.

    Raises:
        tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError: the file is wrong.
        OSError, asyncpg.PostgresError: the journal cannot be reached.
    """
    wanted = parse_toml(text)
    pool = await connect_pool(settings.database_url, "cecoia_intake", name="cecoia seed", size=2)
    try:
        for _ in range(_ATTEMPTS):
            async with pool.acquire() as connection:
                stream = leave_sealed(await read_stream(connection, CATALOGUE_STREAM))
                events = news(stream, wanted, everything=everything)
                if not events:
                    return 0
                command = Append(
                    stream_id=CATALOGUE_STREAM,
                    events=tuple(NewEvent(event_id=uuid4(), event=event) for event in events),
                    recorded_at=clock.now(),
                    expected_version=len(stream),
                )
                (outcome,) = await append(connection, [command], Vault(pool))
            if outcome.verdict is Verdict.APPENDED:
                _log.info("catalogue_seeded", events=len(events), version=outcome.version)
                return len(events)
        raise ValueError("the catalogue is being changed by somebody else")
    finally:
        await pool.close()


def news(stream: Sequence[Recorded], wanted: Sequence[CatalogueEvent], *, everything: bool) -> list[CatalogueEvent]:
    """The events that a file adds to the stream of the catalogue.

    Args:
        stream: all of it, oldest first.
        wanted: what the file says.
        everything: see `seed`.
    """
    changed = difference(as_files_said(stream), wanted)
    if not everything:
        return changed
    others = difference(Catalogue.of(one.event for one in stream), wanted)
    return [*changed, *(event for event in others if event not in changed)]
