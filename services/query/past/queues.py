"""What waited for groups at an instant: the spells name the incidents, and each is folded from its events up to then.

Who is asked for is read first without the keys of anybody; only the rows of a page are opened.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple
from uuid import UUID

from services.query.context import Context
from services.query.incidents import detail, lists
from services.query.incidents.fold import State
from services.query.incidents.listing import Listing
from services.query.past import rows
from services.query.past.instants import SKEW, as_of, read_catalogues
from services.query.projections.generations import sql
from services.query.projections.timing import timed, with_time_left
from services.query.viewer import Viewer
from shared.catalogue import Catalogue
from shared.events.vocabulary import Status
from shared.journal.read import read_streams
from shared.journal.records import Recorded
from shared.journal.sealing import leave_sealed
from shared.life import OPEN
from shared.wire.queues import QueueCount, QueuePage

#: How many incidents are read at once; others are answered in between.
_BATCH: Final = 100


class Waiting(NamedTuple):
    """What waited for groups at an instant, in no order, and the catalogue of then; names and texts are sealed."""

    groups: Sequence[str]
    states: Sequence[State]
    known: Catalogue
    instant: datetime


async def read_waiting(context: Context, viewer: Viewer, instant: datetime, group: str | None = None) -> Waiting:
    """What waited at an instant for a group, or for all groups of the reader that there were then.

    Raises:
        Problem: 503, there is no projection to find it by yet.
    """
    known = (await read_catalogues(context)).at(instant)
    groups = [one for one in lists.queues_of(viewer, known) if group in {None, one}]
    async with context.projection("facts") as (connection, schema):
        found = await connection.fetch(sql(__file__, schema).open_around, instant - SKEW, instant + SKEW, groups)
    ids = [row["stream_id"] for row in found]
    states = [state async for state in _folded(context, ids, known, instant, is_open=False)]
    return Waiting(groups, [one for one in states if one.status in OPEN and one.group_code in groups], known, instant)


async def page(context: Context, viewer: Viewer, listing: Listing, waiting: Waiting, in_all: QueueCount) -> QueuePage:
    """A page of what waited, as the live queue would have shown it; only what one had read by then nobody knows.

    Args:
        context: of the read side.
        viewer: who reads.
        listing: what is asked for; `rows.check` let it through.
        waiting: what waited.
        in_all: how much waited, whatever is asked for.
    """
    known, instant = waiting.known, waiting.instant
    found = rows.select(waiting.states, listing, viewer, known)
    shown = found.places[: listing.limit]
    ids = [place[-1] for place in shown]
    opened = {state.stream_id: state async for state in _folded(context, ids, known, instant, is_open=True)}
    items = [lists.item(rows.row(opened[stream], known, instant), viewer) for stream in ids]
    return QueuePage(
        group=in_all.group,
        label=in_all.label,
        items=with_time_left(items, known, instant),
        next=rows.cursor(listing.order, shown[-1]) if len(found.places) > listing.limit else None,
        total=found.total,
        counts=in_all,
    )


def counts(waiting: Waiting, viewer: Viewer) -> list[QueueCount]:
    """How much waited for each of the groups, in the order of the catalogue."""
    return [count(waiting, group, viewer) for group in waiting.groups]


def count(waiting: Waiting, group: str, viewer: Viewer) -> QueueCount:
    """How much waited for a group."""
    states = [state for state in waiting.states if state.group_code == group]
    untaken = [state for state in states if state.status is Status.TO_HANDLE]
    return QueueCount(
        group=group,
        label=waiting.known.group_label(group),
        to_handle=len(untaken),
        in_progress=sum(state.status is Status.IN_PROGRESS for state in states),
        mine=sum(state.responsible == viewer.person for state in states),
        total=len(states),
        late=sum(rows.is_late(state, waiting.instant) for state in states),
        oldest_at=min((state.recorded_at for state in untaken), default=None),
    )


async def _folded(
    context: Context, ids: Sequence[UUID], known: Catalogue, instant: datetime, *, is_open: bool
) -> AsyncIterator[State]:
    """Incidents as they were at an instant; `is_open` with names and texts in the clear."""
    for first in range(0, len(ids), _BATCH):
        async with context.pool.acquire() as connection:
            stored = await read_streams(connection, ids[first : first + _BATCH])
        events: Sequence[Recorded] = await context.vault.unseal(stored) if is_open else leave_sealed(stored)
        for _, stream in groupby(events, key=attrgetter("stream_id")):
            if state := detail.fold(as_of(list(stream), instant)):
                yield timed(state, None, known)
