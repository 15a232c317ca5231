"""Tells whoever registered a webhook, by mail, that nothing more is sent to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from jinja2 import StrictUndefined, Template

from services.notifier.mail.mailer import Mailer
from services.notifier.mail.plain import Letter, deliver
from services.notifier.toolbox import Toolbox
from services.notifier.work.claims import apart, one_by_one
from shared.clock import PARIS
from shared.events.base import ERASED
from shared.events.webhook import WebhookDisabled
from shared.journal.read import read_stream
from shared.journal.records import Recorded
from shared.webhooks import WEBHOOKS_STREAM, Webhook, fold

_WORDS: Final = Template(
    Path(__file__).with_name("disabled.txt").read_text(encoding="utf-8"),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)


async def tell_all(tools: Toolbox, ids: Sequence[int], told: UUID) -> None:
    """Write to whoever registered the webhooks of these rows, where these are still disabled."""
    async with tools.pool.acquire() as connection:
        events = await tools.vault.unseal(await read_stream(connection, WEBHOOKS_STREAM), connection)
    mailer = Mailer(tools.server)
    try:
        async for row in one_by_one(tools, ids, told):
            async with apart(tools, row, log="alarm_broken"):
                webhook = disabled_by(events, row.event_id)
                await deliver(tools, mailer, row, letter(tools, webhook) if webhook else None)
    finally:
        await mailer.close()


def disabled_by(events: Sequence[Recorded], cause: UUID) -> Webhook | None:
    """The webhook that an event disabled, if it still is and somebody can be written to."""
    told = next(recorded for recorded in events if recorded.event_id == cause)
    if not isinstance(told.event, WebhookDisabled):
        raise TypeError(f"event {cause} disables no webhook")
    webhook = fold(events).get(told.event.webhook)
    if webhook is None or webhook.disabled is None or webhook.disabled.at != told.recorded_at:
        return None
    return None if webhook.by.email in {None, ERASED} else webhook


def letter(tools: Toolbox, webhook: Webhook) -> Letter:
    """The mail. The whole address is not in it: it may hold what opens a door."""
    if webhook.disabled is None:
        raise ValueError(f"webhook {webhook.id} is not disabled")
    host = urlsplit(webhook.url).hostname or ""
    text = _WORDS.render(
        name=webhook.by.name,
        registered=f"{webhook.registered_at.astimezone(PARIS):%d/%m/%Y}",
        host=host,
        reason=webhook.disabled.reason.label,
        error=webhook.disabled.error or "–",
        link=f"{tools.settings.portal_url.rstrip('/')}/webhooks",
    )
    return Letter(
        to=(webhook.by.name, webhook.by.email or ""), subject=f"[CeCoIA] Webhook désactivé – {host}", text=text
    )
