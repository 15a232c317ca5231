"""Reminds requesters who do not say whether it is solved, and closes their incidents some working days later.

Two rows of work, one after the other, keep what comes: `reminder`, until the mail is planned, then `closing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid5

from services.notifier.silence.waiting import after_days, unanswered
from services.notifier.toolbox import Toolbox
from services.notifier.work import rows as work
from services.notifier.work.claims import apart, claim_streams
from services.notifier.work.planning import CLOSING, REMINDER, NewWork
from services.notifier.work.queues import Kind
from services.notifier.work.recording import record
from services.notifier.work.rows import Claimed
from shared.catalogue import Catalogue
from shared.events.incident import IncidentClosed
from shared.events.vocabulary import ClosedBy
from shared.journal.records import Append, Meta, NewEvent, Recorded
from shared.journal.sealing import leave_sealed

#: How soon to look again at an incident whose group has no calendar.
_UNKNOWN: Final = timedelta(days=1)


async def wait_all(tools: Toolbox, ids: Sequence[int], told: UUID) -> None:
    """Remind, close, or go on waiting, as far as the incidents of these rows still wait for their requesters."""
    catalogue = await tools.catalogue.latest()
    decided: list[tuple[Claimed, Append]] = []
    for row, stored in await claim_streams(tools, ids, told):
        async with apart(tools, row, log="silence_broken"):
            if closing := await _step(tools, row, leave_sealed(stored), catalogue):
                decided.append((row, closing))
    await record(tools, decided, log="incidents_closed_by_silence")


async def _step(tools: Toolbox, row: Claimed, events: Sequence[Recorded], catalogue: Catalogue) -> Append | None:
    """Do what is to be done for one row; gives the closing, where that is it."""
    last = unanswered(events)
    if last is None or not tools.settings.silence_days:
        await _follow(tools, row, [])
    elif last.event_id != row.event_id:
        await _follow(tools, row, [NewWork(kind=Kind.SILENCE, cause=last, recipient=REMINDER)])
    elif row.recipient == CLOSING:
        return _closing(tools, row, events)
    else:
        await _remind(tools, row, events, last, catalogue)
    return None


async def _remind(
    tools: Toolbox, row: Claimed, events: Sequence[Recorded], last: Recorded, catalogue: Catalogue
) -> None:
    """Plan the reminder, and the closing as many days after it as the requester has to answer; or go on waiting."""
    now, warning = tools.now(), tools.settings.silence_warning
    at = after_days(events, last.recorded_at, tools.settings.silence_days - warning, catalogue) or now + _UNKNOWN
    closing = after_days(events, now, warning, catalogue)
    if at > now or closing is None:
        async with tools.pool.acquire() as connection:
            await work.later(connection, [row.id], row.lease, after=at - now if at > now else _UNKNOWN)
        return
    reminder = NewWork(kind=Kind.MAIL, cause=last, recipient=REMINDER)
    await _follow(tools, row, [reminder, NewWork(kind=Kind.SILENCE, cause=last, recipient=CLOSING, due_at=closing)])


async def _follow(tools: Toolbox, row: Claimed, following: Sequence[NewWork]) -> None:
    """End a row; what follows it is planned in the same transaction."""
    async with tools.pool.acquire() as connection, connection.transaction():
        if await work.done(connection, [row.id], row.lease):
            await work.insert(connection, following)


def _closing(tools: Toolbox, row: Claimed, events: Sequence[Recorded]) -> Append:
    """Only at this very version: whoever writes at the same moment is not silent."""
    closed = IncidentClosed(closed_by=ClosedBy.SILENCE)
    meta = Meta(cause=row.event_id)
    return Append(
        stream_id=row.stream_id,
        events=(NewEvent(event_id=uuid5(row.event_id, "closed by silence"), event=closed, meta=meta),),
        recorded_at=tools.now(),
        expected_version=events[-1].version,
    )
