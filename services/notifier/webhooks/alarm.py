"""Tells whoever registered a webhook, by mail, that nothing more is sent to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from jinja2 import StrictUndefined, Template

from services.notifier.mail import letters
from services.notifier.mail.mailer import Blame, Mailer, NotSent
from services.notifier.mail.posting import hand_over
from services.notifier.toolbox import Toolbox
from services.notifier.work import rows as work
from services.notifier.work.rows import Claimed
from shared.clock import PARIS
from shared.events.base import ERASED
from shared.events.webhook import WebhookDisabled
from shared.journal.read import read_stream
from shared.journal.records import Recorded
from shared.logs import logger
from shared.typography import french
from shared.webhooks import WEBHOOKS_STREAM, Webhook, fold

_log = logger(__name__)

_WORDS: Final = Template(
    Path(__file__).with_name("disabled.txt").read_text(encoding="utf-8"),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)
#: How soon it goes again that met a server that was away.
_SERVER_AWAY: Final = timedelta(seconds=60)


async def tell_all(tools: Toolbox, ids: Sequence[int], told: UUID) -> None:
    """Write to whoever registered the webhooks of these rows, where these are still disabled."""
    async with tools.pool.acquire() as connection:
        rows = await work.claim(connection, ids, told, uuid4())
        events = await tools.vault.unseal(await read_stream(connection, WEBHOOKS_STREAM), connection)
    mailer = Mailer(tools.server)
    try:
        for row in rows:
            await _tell(tools, mailer, row, disabled_by(events, row.event_id))
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


async def _tell(tools: Toolbox, mailer: Mailer, row: Claimed, webhook: Webhook | None) -> None:
    try:
        if webhook:
            await hand_over(tools, mailer, write(tools, webhook, row.event_id))
    except (NotSent, letters.BadAddress) as error:
        final = isinstance(error, letters.BadAddress) or error.blame is Blame.MAIL
        _log.warning("alarm_not_sent", work=row.id, error=type(error).__name__, final=final)
        async with tools.pool.acquire() as connection:
            if final:
                await work.dead(connection, row, error=type(error).__name__)
            else:
                await work.failed(connection, row, error=type(error).__name__, within=_SERVER_AWAY)
        return
    async with tools.pool.acquire() as connection:
        await work.done(connection, [row.id], row.lease)


def write(tools: Toolbox, webhook: Webhook, cause: UUID) -> EmailMessage:
    """The mail. The whole address is not in it: it may hold what opens a door."""
    if webhook.disabled is None:
        raise ValueError(f"webhook {webhook.id} is not disabled")
    host = urlsplit(webhook.url).hostname or ""
    sender = tools.settings.mail_from
    mail = EmailMessage(policy=SMTP)
    mail["From"] = letters.sender_address(sender)
    mail["To"] = letters.recipient_address(webhook.by.name, webhook.by.email or "")
    mail["Subject"] = f"[CeCoIA] Webhook désactivé – {host}"
    mail["Date"] = format_datetime(tools.now().astimezone(PARIS))
    mail["Message-ID"] = letters.message_id(cause, str(webhook.id), sender)
    letters.mark_automatic(mail)
    text = _WORDS.render(
        name=webhook.by.name,
        registered=f"{webhook.registered_at.astimezone(PARIS):%d/%m/%Y}",
        host=host,
        reason=webhook.disabled.reason.label,
        error=webhook.disabled.error or "–",
        link=f"{tools.settings.portal_url.rstrip('/')}/webhooks",
    )
    mail.set_content(french(text), cte="quoted-printable")
    mail["Content-Language"] = "fr"
    return mail
