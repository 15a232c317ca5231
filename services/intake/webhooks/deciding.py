"""What may be done with webhooks: pure functions from those there are, and a command, to one event or a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from services.intake.incident.deciding import Refusal
from shared.events.base import Event, Person
from shared.events.vocabulary import DisabledFor
from shared.events.webhook import WebhookDisabled, WebhookEnabled, WebhookRegistered, WebhookRemoved, WebhookTested
from shared.http.problems import not_found
from shared.webhooks import Webhook

#: How many there may be: every event is held against each of them.
MOST: Final = 50

Webhooks = Mapping[UUID, Webhook]


def register(known: Webhooks, wanted: WebhookRegistered) -> Event:
    """Register a webhook.

    Raises:
        Refusal: there are too many.
    """
    if len(known) >= MOST:
        raise Refusal("too-many", f"Il y a déjà {MOST} webhooks. Supprimez-en un avant d’en inscrire un autre.")
    return wanted


def change(known: Webhooks, webhook: UUID, command: str, by: Person) -> Event:
    """What a command makes happen to a webhook.

    Args:
        known: those that there are.
        webhook: which one.
        command: one of `COMMANDS`.
        by: who asks.

    Raises:
        Problem: 404, there is no such webhook.
        Refusal: it is so already.
    """
    if webhook not in known:
        raise not_found("Ce webhook n’existe pas ou n’existe plus.")
    return COMMANDS[command](known[webhook], by)


def _test(webhook: Webhook, by: Person) -> Event:
    return WebhookTested(webhook=webhook.id, by=by)


def _disable(webhook: Webhook, by: Person) -> Event:
    if webhook.disabled:
        raise Refusal("status", "Ce webhook est déjà désactivé.")
    return WebhookDisabled(webhook=webhook.id, reason=DisabledFor.HAND, by=by)


def _enable(webhook: Webhook, by: Person) -> Event:
    if not webhook.disabled:
        raise Refusal("status", "Ce webhook est déjà actif.")
    return WebhookEnabled(webhook=webhook.id, by=by)


def _remove(webhook: Webhook, by: Person) -> Event:
    return WebhookRemoved(webhook=webhook.id, by=by)


COMMANDS: Final = {"test": _test, "disable": _disable, "enable": _enable, "remove": _remove}
