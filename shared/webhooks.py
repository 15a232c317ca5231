"""The webhooks there are, folded from their stream: whom to tell of what, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_DNS, UUID, uuid5

import msgspec

from shared.events.base import Event, Person
from shared.events.incident import DocumentAttached, IncidentRouted, IncidentUpdated, ReplySent
from shared.events.registry import type_and_schema
from shared.events.vocabulary import DisabledFor
from shared.events.webhook import (
    WebhookDisabled,
    WebhookEnabled,
    WebhookRegistered,
    WebhookRemoved,
)
from shared.journal.records import Recorded
from shared.life import LEADS, RETURNS

#: The one stream of all webhooks.
WEBHOOKS_STREAM: Final[UUID] = uuid5(NAMESPACE_DNS, "webhooks.cecoia")
#: Who gives the pseudonyms under which the keys of webhooks are kept.
KEY_ISSUER: Final = "urn:cecoia:webhooks"
#: What a secret begins with, before the base64 of its bytes.
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - it is no secret itself
#: What is sent where nothing else is asked for.
ROUTED: Final = type_and_schema(IncidentRouted)[0]
_TOLD: Final[tuple[type[Event], ...]] = (*LEADS, *RETURNS, IncidentRouted, IncidentUpdated, DocumentAttached, ReplySent)
#: Names of the events that can be sent: what agents alone may know of, and mails, cannot.
TYPES: Final = frozenset(type_and_schema(event)[0] for event in _TOLD)


class Disabled(msgspec.Struct, frozen=True, kw_only=True):
    """Since when, and why, nothing is sent."""

    at: datetime
    reason: DisabledFor
    error: str | None


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook. Address, secret and names are as they were read: sealed, or in the clear.

    Attributes:
        group: whose incidents; None for those of all.
        types: names of events.
        by: who registered it.
        since: instant from which events are sent.
        disabled: None while it is told.
    """

    id: UUID
    url: str
    secret: str
    group: str | None
    types: frozenset[str]
    by: Person
    registered_at: datetime
    since: datetime
    disabled: Disabled | None = None

    def wants(self, recorded: Recorded) -> bool:
        """Whether an event of an incident is to be sent, if that waits for the right group."""
        name = type_and_schema(type(recorded.event))[0]
        return self.disabled is None and name in self.types and recorded.recorded_at >= self.since


def fold(events: Iterable[Recorded]) -> dict[UUID, Webhook]:
    """The webhooks after these events, in the order in which they were registered."""
    webhooks: dict[UUID, Webhook] = {}
    for recorded in events:
        match recorded.event:
            case WebhookRegistered() as registered:
                webhooks[registered.webhook] = _registered(registered, recorded.recorded_at)
            case WebhookRemoved(webhook=webhook):
                del webhooks[webhook]
            case event:
                _change(webhooks, event, recorded.recorded_at)
    return webhooks


def _registered(event: WebhookRegistered, at: datetime) -> Webhook:
    return Webhook(
        id=event.webhook,
        url=event.url,
        secret=event.secret,
        group=event.group,
        types=frozenset(event.types),
        by=event.by,
        registered_at=at,
        since=at,
    )


def _change(webhooks: dict[UUID, Webhook], event: Event, at: datetime) -> None:
    match event:
        case WebhookDisabled(webhook=webhook):
            disabled = Disabled(at=at, reason=event.reason, error=event.error)
            webhooks[webhook] = msgspec.structs.replace(webhooks[webhook], disabled=disabled)
        case WebhookEnabled(webhook=webhook):
            webhooks[webhook] = msgspec.structs.replace(webhooks[webhook], disabled=None, since=at)
        case _:
            pass


def wanting(webhooks: Mapping[UUID, Webhook], recorded: Recorded) -> list[UUID]:
    """Those that want to be told of an event."""
    return [webhook.id for webhook in webhooks.values() if webhook.wants(recorded)]
