"""Records what became of a message: its row, how its webhook does, and that this is disabled, in one transaction."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid5

from services.notifier.toolbox import Toolbox
from services.notifier.webhooks import health
from services.notifier.webhooks.sending import NotDelivered
from services.notifier.work import rows as work
from services.notifier.work.rows import Claimed
from shared.database import Connection
from shared.events.vocabulary import DisabledFor
from shared.events.webhook import WebhookDisabled
from shared.journal.append import append
from shared.journal.read import read_stream
from shared.journal.records import Append, Meta, NewEvent, Verdict
from shared.journal.sealing import leave_sealed
from shared.logs import logger
from shared.webhooks import WEBHOOKS_STREAM, Webhook, fold

_log = logger(__name__)


async def delivered(tools: Toolbox, row: Claimed) -> None:
    """The receiver took it."""
    async with tools.pool.acquire() as connection, connection.transaction():
        await health.delivered(connection, UUID(row.recipient))
        await work.done(connection, [row.id], row.lease)
    _log.info("webhook_delivered", work=row.id, webhook=row.recipient, attempts=row.attempts)


async def failed(tools: Toolbox, webhook: Webhook, row: Claimed, failure: NotDelivered) -> None:
    """The receiver did not: again when the row is due, unless the webhook is to be left alone from now on.

    A message that somebody asked for to see it arrive is sent once.
    """
    error = str(failure)
    async with tools.pool.acquire() as connection, connection.transaction():
        if row.stream_id == WEBHOOKS_STREAM:
            await health.tested_in_vain(connection, webhook.id, error)
            await work.done(connection, [row.id], row.lease)
        else:
            await _failed(connection, tools, webhook, row, failure)
    _log.warning("webhook_failed", work=row.id, webhook=row.recipient, attempts=row.attempts, error=error)


async def _failed(
    connection: Connection, tools: Toolbox, webhook: Webhook, row: Claimed, failure: NotDelivered
) -> None:
    """The journal comes first: what it takes must be the first write of its transaction."""
    settled = await _disabled(connection, tools, webhook, row, failure)
    await health.failed(connection, webhook.id, str(failure))
    match settled:
        case None:
            await work.failed(connection, row, error=str(failure))
        case True:
            await work.done(connection, [row.id], row.lease)
        case False:
            await work.later(connection, [row.id], row.lease, after=timedelta(0))


async def _disabled(
    connection: Connection, tools: Toolbox, webhook: Webhook, row: Claimed, failure: NotDelivered
) -> bool | None:
    """Whether the webhook is disabled now; None where it need not be, False where somebody else was faster."""
    patience = timedelta(days=tools.settings.webhook_days)
    if failure.gone:
        reason = DisabledFor.GONE
    elif await health.is_too_long(connection, webhook.id, patience, webhook.since):
        reason = DisabledFor.FAILING
    else:
        return None
    return await _disable(
        connection, tools, row, WebhookDisabled(webhook=webhook.id, reason=reason, error=str(failure))
    )


async def _disable(connection: Connection, tools: Toolbox, row: Claimed, event: WebhookDisabled) -> bool:
    """Record that nothing more is sent; False where somebody changes the webhooks at this moment."""
    stored = await read_stream(connection, WEBHOOKS_STREAM)
    known = fold(leave_sealed(stored)).get(event.webhook)
    if known is None or known.disabled:
        return True
    command = Append(
        stream_id=WEBHOOKS_STREAM,
        events=(
            NewEvent(
                event_id=uuid5(row.event_id, f"disabled:{event.webhook}:{row.attempts}"),
                event=event,
                meta=Meta(cause=row.event_id),
            ),
        ),
        recorded_at=tools.now(),
        expected_version=len(stored),
    )
    (outcome,) = await append(connection, [command], tools.vault)
    tools.wakeups.notify()
    return outcome.verdict is not Verdict.CONFLICT
