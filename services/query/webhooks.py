"""The webhooks as supervisors see them: what the journal says of them, and how sending to each went last."""

from litestar import get

from services.query.context import Here
from services.query.freshness import Fresh, read_header
from shared.catalogue import Catalogue
from shared.database import Record, statements
from shared.http.identity import SUPERVISORS
from shared.journal.read import read_stream
from shared.webhooks import WEBHOOKS_STREAM, Webhook, fold
from shared.wire.webhooks import WebhookItem, Webhooks

_SQL = statements(__file__, "webhooks.sql")


@get("/v1/webhooks", access=SUPERVISORS)
async def webhooks(context: Here, fresh: Fresh = None) -> Webhooks:
    """Les webhooks inscrits, sans leur secret."""
    read_header(fresh)
    known = await context.catalogue()
    async with context.pool.acquire() as connection:
        stored = await read_stream(connection, WEBHOOKS_STREAM)
        found = fold(await context.vault.unseal(stored, connection))
        health = {row["webhook"]: row for row in await connection.fetch(_SQL.health)}
    return Webhooks(items=[_item(webhook, health.get(webhook.id), known) for webhook in found.values()])


def _item(webhook: Webhook, health: Record | None, known: Catalogue) -> WebhookItem:
    disabled = webhook.disabled
    return WebhookItem(
        id=webhook.id,
        url=webhook.url,
        group=webhook.group,
        group_label=known.group_label(webhook.group) if webhook.group else None,
        types=sorted(webhook.types),
        by=webhook.by.name,
        registered_at=webhook.registered_at,
        disabled_at=disabled.at if disabled else None,
        disabled_why=disabled.reason.label if disabled else None,
        last_success_at=health["last_success_at"] if health else None,
        last_failure_at=health["last_failure_at"] if health else None,
        last_error=health["last_error"] if health else None,
        failing_since=health["failing_since"] if health else None,
    )
