"""Where programs without a broker are told of incidents: one stream of all webhooks.

Address and secret of each are sealed with a key of its own, which no person has.
"""

from typing import Final
from uuid import UUID

from shared.events.base import Event, Person, Personal
from shared.events.vocabulary import DisabledFor


class WebhookRegistered(Event, frozen=True, kw_only=True, tag="WebhookRegistered.1"):
    """From now on an address is told of events of these types, signed with a secret.

    `group` None means the incidents of all groups.
    """

    webhook: UUID
    by: Person
    url: Personal
    secret: Personal
    group: str | None = None
    types: list[str]


class WebhookTested(Event, frozen=True, kw_only=True, tag="WebhookTested.1"):
    """Somebody wants to see a message arrive."""

    webhook: UUID
    by: Person


class WebhookDisabled(Event, frozen=True, kw_only=True, tag="WebhookDisabled.1"):
    """Nothing more is sent to it; `by` is None and `error` says why in French, where that was not somebody's wish."""

    webhook: UUID
    reason: DisabledFor
    by: Person | None = None
    error: str | None = None


class WebhookEnabled(Event, frozen=True, kw_only=True, tag="WebhookEnabled.1"):
    """What happens from now on is sent to it again."""

    webhook: UUID
    by: Person


class WebhookRemoved(Event, frozen=True, kw_only=True, tag="WebhookRemoved.1"):
    """The webhook is no more."""

    webhook: UUID
    by: Person


#: Everything that can happen to a webhook; nothing of it is about an incident.
ALL: Final[tuple[type[Event], ...]] = (
    WebhookRegistered,
    WebhookTested,
    WebhookDisabled,
    WebhookEnabled,
    WebhookRemoved,
)
