"""Looks at incidents when something may have happened to their targets, and records what has, once.

Rows of work keep the instants: PostgreSQL knows when to look next, whatever was down meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from services.notifier.targets.deciding import Look, began, look
from services.notifier.toolbox import Toolbox
from services.notifier.work import rows as work
from services.notifier.work.claims import apart, claim_streams
from services.notifier.work.recording import record
from services.notifier.work.rows import Claimed
from shared.catalogue import Catalogue
from shared.journal.records import Append, Meta, NewEvent, Recorded
from shared.journal.sealing import leave_sealed


async def look_all(tools: Toolbox, ids: Sequence[int], told: UUID) -> None:
    """Look at the incidents of these rows: record what happened to their targets, or put the rows off until it does."""
    catalogue = await tools.catalogue.latest()
    decided: list[tuple[Claimed, Append]] = []
    waiting: list[Claimed] = []
    for row, stored in await claim_streams(tools, ids, told):
        async with apart(tools, row, log="look_broken"):
            events = leave_sealed(stored)
            found = look(events, row.event_id, catalogue, tools.now())
            if found.escalations:
                decided.append((row, _escalation(tools, row, events, found)))
            elif await _end_or_wait(tools, row, found):
                waiting.append(row)
    await record(tools, decided, log="incidents_escalated")
    await _look_again(tools, waiting, catalogue)


async def _end_or_wait(tools: Toolbox, row: Claimed, found: Look) -> bool:
    """End a row after which nothing is to be looked at; whether it waits instead."""
    async with tools.pool.acquire() as connection:
        if found.again is None:
            await work.done(connection, [row.id], row.lease)
            return False
        await work.later(connection, [row.id], row.lease, after=max(found.again - tools.now(), timedelta(0)))
        return True


async def _look_again(tools: Toolbox, waiting: Sequence[Claimed], seen: Catalogue) -> None:
    """Whoever changed the catalogue meanwhile woke these rows before they were put off: wake them now."""
    if waiting and await tools.catalogue.latest() is not seen:
        async with tools.pool.acquire() as connection:
            await work.wake(connection, [row.id for row in waiting])


def _escalation(tools: Toolbox, row: Claimed, events: Sequence[Recorded], found: Look) -> Append:
    """Only at this very version: whoever writes at the same moment may have met the target.

    Its events are planned to be looked after themselves, so that the row ends here.
    """
    life, meta = began(events), Meta(cause=row.event_id)
    return Append(
        stream_id=row.stream_id,
        events=tuple(
            NewEvent(event_id=uuid5(life, f"escalated:{one.target}:{one.stage}"), event=one, meta=meta)
            for one in found.escalations
        ),
        recorded_at=tools.now(),
        expected_version=events[-1].version,
    )
