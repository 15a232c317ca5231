"""What the services say of webhooks over HTTP."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.wire import Answer


class RegisteredWebhook(Answer, frozen=True, kw_only=True):
    """A webhook that was registered. `secret` signs what it is sent, and is told here alone."""

    id: UUID
    url: str
    group: str | None
    types: list[str]
    secret: str
    recorded_at: datetime


class WebhookChanged(Answer, frozen=True, kw_only=True):
    """A command about a webhook is durably recorded."""

    id: UUID
    recorded_at: datetime


class WebhookItem(Answer, frozen=True, kw_only=True):
    """A webhook, and how sending to it went last.

    Attributes:
        group: whose incidents it is told of; None for those of all.
        types: names of the events that are sent.
        by: name of who registered it.
        disabled_at: since when nothing is sent; None while it is told.
        disabled_why: why, in French.
        last_error: of the last message that did not arrive, in French.
        failing_since: since when none arrived; None where the last one did.
    """

    id: UUID
    url: str
    group: str | None
    group_label: str | None
    types: list[str]
    by: str
    registered_at: datetime
    disabled_at: datetime | None
    disabled_why: str | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_error: str | None
    failing_since: datetime | None


class Webhooks(Answer, frozen=True, kw_only=True):
    """The webhooks there are, in the order in which they were registered."""

    items: list[WebhookItem]
