"""Offers waiting incidents to the programs of a group, again and again until somebody takes them, never after.

What is offered is a message on the broker; what decides is the journal. An offer that still lies in the queue is not
laid there twice, and one whose incident was taken meanwhile is taken out again.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID, uuid5

import msgspec

from services.notifier.offers import programs
from services.notifier.offers.message import routed_incident
from services.notifier.offers.programs import Offer
from services.notifier.toolbox import Toolbox
from services.notifier.work import rows as work
from services.notifier.work.broker import BROKER_AWAY
from services.notifier.work.claims import apart, claim
from services.notifier.work.planning import is_queued_by
from services.notifier.work.rows import Claimed
from shared.catalogue import Catalogue
from shared.events import registry
from shared.events.vocabulary import Status
from shared.journal.read import read_stream
from shared.journal.records import StoredEvent
from shared.life import status_after
from shared.logs import logger

_log = logger(__name__)

#: How soon to try again when the broker is away.
_BROKER_PAUSE: Final = timedelta(seconds=5)


class _Look(NamedTuple):
    """A row, the offer to make of its incident (None for a group without programs), and whether that still waits."""

    row: Claimed
    offer: Offer | None
    waits: bool


async def offer_all(tools: Toolbox, ids: Sequence[int], told: UUID) -> None:
    """Offer the incidents of these rows that still wait, take back the others, and end the rows that are over."""
    rows = await claim(tools, ids, told)
    looks = await _look(tools, rows)
    if not looks:
        return
    waiting = [look for look in looks if look.waits and look.offer]
    over = [look for look in looks if not (look.waits and look.offer)]
    try:
        await asyncio.to_thread(programs.publish, tools.broker, _by_group(waiting))
        await asyncio.to_thread(programs.withdraw, tools.broker, _by_group(over))
    except BROKER_AWAY as error:
        _log.warning("offers_wait", error=type(error).__name__, rows=len(looks))
        async with tools.pool.acquire() as connection:
            await work.later(connection, [look.row.id for look in looks], rows[0].lease, after=_BROKER_PAUSE)
        return
    async with tools.pool.acquire() as connection:
        await work.done(connection, [look.row.id for look in over], rows[0].lease)
        pause = timedelta(seconds=tools.settings.offer_every)
        await work.later(connection, [look.row.id for look in waiting], rows[0].lease, after=pause)
    await _look_again(tools, waiting)


async def _look_again(tools: Toolbox, offered: Sequence[_Look]) -> None:
    """Who took an incident while it was being offered woke its row before `later` put it off: see to it now."""
    taken = [look for look in await _look(tools, [look.row for look in offered]) if not look.waits]
    if taken:
        async with tools.pool.acquire() as connection:
            await work.wake_offers(connection, [look.row.stream_id for look in taken])
        with suppress(*BROKER_AWAY):  # the rows are awake and will see to it
            await asyncio.to_thread(programs.withdraw, tools.broker, _by_group(taken))


async def _look(tools: Toolbox, rows: Sequence[Claimed]) -> list[_Look]:
    """Look at the incidents of these rows; one that cannot be understood is put off and holds up no other."""
    catalogue = await tools.catalogue.current()
    async with tools.pool.acquire() as connection:
        streams = [await read_stream(connection, row.stream_id) for row in rows]
    looks = []
    for row, events in zip(rows, streams, strict=True):
        async with apart(tools, row, log="offer_broken"):
            looks.append(_Look(row, _offer(tools, row, events, catalogue), waits(events, row.event_id)))
    return looks


def waits(events: Sequence[StoredEvent], queued: UUID) -> bool:
    """Whether an incident still waits where this event put it: not moved since, not taken since, not over."""
    current, taken, status = None, False, Status.TO_HANDLE
    for stored in events:
        event = registry.decode(stored.data)
        status = status_after(event) or status
        held = status is not Status.TO_HANDLE
        if is_queued_by(event):
            current, taken = stored.event_id, held
        else:
            taken = taken or held
    return current == queued and not taken


def _offer(tools: Toolbox, row: Claimed, events: Sequence[StoredEvent], catalogue: Catalogue) -> Offer | None:
    """What programs are told; None where the group has none.

    Raises:
        LookupError: the catalogue does not know the group yet; what is read here may be two seconds old.
    """
    told = routed_incident(events, row.event_id, catalogue, tools.settings.query_url)
    if told is None or not catalogue.groups[told.group].programs:
        return None
    return Offer(str(uuid5(row.event_id, "offer")), told.group, msgspec.to_builtins(told))


def _by_group(looks: Sequence[_Look]) -> dict[str, list[Offer]]:
    groups: dict[str, list[Offer]] = defaultdict(list)
    for look in looks:
        if look.offer:
            groups[look.offer.group].append(look.offer)
    return groups
