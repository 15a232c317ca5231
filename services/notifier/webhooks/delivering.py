"""Sends the messages of rows, those of one webhook one after the other, so that none waits for another's fault.

A worker that dies between the receiver's answer and its record leaves a row that goes out again, under the same id.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec

from services.notifier.offers.message import routed_incident, waits_for
from services.notifier.toolbox import Toolbox, persist
from services.notifier.webhooks import outcomes
from services.notifier.webhooks.envelope import Envelope, envelope
from services.notifier.webhooks.sending import Courier, NotDelivered
from services.notifier.work import rows as work
from services.notifier.work.claims import apart
from services.notifier.work.planning import is_queued_by
from services.notifier.work.rows import Claimed
from shared.catalogue import Catalogue
from shared.database import AWAY
from shared.events import registry
from shared.events.base import Event
from shared.events.registry import type_and_schema
from shared.events.webhook import WebhookTested
from shared.journal.read import read_stream
from shared.journal.records import StoredEvent
from shared.logs import logger
from shared.webhooks import WEBHOOKS_STREAM, Webhook, fold

_log = logger(__name__)

#: How soon the other messages of a webhook go that had the bad luck of one that failed before them.
_PAUSE: Final = timedelta(seconds=60)


async def deliver_all(tools: Toolbox, ids: Sequence[int], told: UUID) -> None:
    """Send the messages of these rows, as far as they still stand under the lease `told`."""
    async with tools.pool.acquire() as connection:
        rows = await work.claim(connection, ids, told, uuid4())
        stored = await read_stream(connection, WEBHOOKS_STREAM)
        webhooks = fold(await tools.vault.unseal(stored, connection))
    async with Courier(tools.settings.webhook_networks) as courier, asyncio.TaskGroup() as lanes:
        for recipient, some in _by_recipient(rows).items():
            lanes.create_task(_lane(tools, courier, webhooks.get(UUID(recipient)), some))


def _by_recipient(rows: Sequence[Claimed]) -> Mapping[str, Sequence[Claimed]]:
    found: dict[str, list[Claimed]] = defaultdict(list)
    for row in rows:
        found[row.recipient].append(row)
    return found


async def _lane(tools: Toolbox, courier: Courier, webhook: Webhook | None, rows: Sequence[Claimed]) -> None:
    """Send to one webhook, until one message fails; what is left is given back."""
    todo = deque(rows)
    try:
        while todo and not tools.stopping():
            if not await _one(tools, courier, webhook, todo.popleft()):
                break
        if todo:
            pause = timedelta(0) if tools.stopping() else _PAUSE
            async with tools.pool.acquire() as connection:
                await work.later(connection, [row.id for row in todo], todo[0].lease, after=pause)
    except AWAY as error:
        _log.warning("database_away", error=type(error).__name__)  # the rows come back when their leases end


async def _one(tools: Toolbox, courier: Courier, webhook: Webhook | None, row: Claimed) -> bool:
    """Do what a row asks for; whether others of the webhook may follow."""
    async with apart(tools, row, log="webhook_broken"):
        message = await _message(tools, webhook, row) if webhook else None
        if webhook and message:
            return await _send(tools, courier, webhook, row, message)
        async with tools.pool.acquire() as connection:
            await work.done(connection, [row.id], row.lease)
    return True


async def _send(tools: Toolbox, courier: Courier, webhook: Webhook, row: Claimed, message: Envelope) -> bool:
    """Send a message and record the outcome; whether it arrived."""
    try:
        await courier.send(webhook.url, message.headers(webhook.secret, tools.now()), message.body)
    except NotDelivered as failure:
        await persist(partial(outcomes.failed, tools, webhook, row, failure))
        return False
    await persist(partial(outcomes.delivered, tools, row))
    return True


async def _message(tools: Toolbox, webhook: Webhook, row: Claimed) -> Envelope | None:
    """What to send; None where the webhook does not want it (any more)."""
    async with tools.pool.acquire() as connection:
        events = await read_stream(connection, row.stream_id)
    stored = next(one for one in events if one.event_id == row.event_id)
    event = registry.decode(stored.data)
    source = tools.settings.query_url.rstrip("/")
    if isinstance(event, WebhookTested):
        return envelope(stored, event, {"webhook": str(webhook.id)}, source)
    group = waits_for(events[: stored.version])
    if webhook.disabled or webhook.group not in {None, group}:
        return None
    data = _told(events, stored, event, await tools.catalogue.current(), source)
    return envelope(stored, event, data, source)


def _told(
    events: Sequence[StoredEvent], stored: StoredEvent, event: Event, catalogue: Catalogue, source: str
) -> dict[str, Any]:
    """What programs on the broker are told, where an incident waits for its group; otherwise what happened to which."""
    routed = routed_incident(events, stored.event_id, catalogue, source) if is_queued_by(event) else None
    if routed:
        told: dict[str, Any] = msgspec.to_builtins(routed)
        return told
    return {
        "number": stored.number,
        "position": stored.position.encode(),
        "type": type_and_schema(type(event))[0],
    }
