"""Resumes incidents whose hold ends at a date, once, whatever was down when the date came."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid5

from services.notifier.toolbox import Toolbox
from services.notifier.work import rows as work
from services.notifier.work.claims import apart, claim_streams
from services.notifier.work.recording import record
from services.notifier.work.rows import Claimed
from shared.events import registry
from shared.events.incident import IncidentResumed
from shared.journal.records import Append, Meta, NewEvent, StoredEvent
from shared.life import status_after


async def resume_all(tools: Toolbox, ids: Sequence[int], told: UUID) -> None:
    """Resume the incidents of these rows that are still on the hold that caused them, and end the other rows."""
    decided: list[tuple[Claimed, Append]] = []
    for row, events in await claim_streams(tools, ids, told):
        async with apart(tools, row, log="resume_broken"):
            if is_on(events, row.event_id):
                decided.append((row, _resumption(tools, row, events)))
            else:
                async with tools.pool.acquire() as connection:
                    await work.done(connection, [row.id], row.lease)
    await record(tools, decided, log="incidents_resumed")


def is_on(events: Sequence[StoredEvent], hold: UUID) -> bool:
    """Whether the last event that led an incident anywhere is this hold: not resumed since, not ended, not moved."""
    leading = [stored.event_id for stored in events if status_after(registry.decode(stored.data))]
    return leading[-1] == hold


def _resumption(tools: Toolbox, row: Claimed, events: Sequence[StoredEvent]) -> Append:
    """Only at this very version: whoever writes at the same moment may have resumed it themselves."""
    meta = Meta(cause=row.event_id)
    return Append(
        stream_id=row.stream_id,
        events=(NewEvent(event_id=uuid5(row.event_id, "resumed"), event=IncidentResumed(), meta=meta),),
        recorded_at=tools.now(),
        expected_version=events[-1].version,
    )
