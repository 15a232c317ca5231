"""What travels to a webhook: a CloudEvent as JSON, with the headers of Standard Webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from shared.events.base import Event
from shared.events.registry import type_and_schema
from shared.events.webhook import WebhookTested
from shared.journal.records import StoredEvent
from shared.webhooks import SECRET_PREFIX

MEDIA_TYPE: Final = "application/cloudevents+json"
#: Names of events come after it in the `type` of a CloudEvent.
TYPE_PREFIX: Final = "fr.cecoia."


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A message: the same id and the same bytes each time it is sent."""

    id: UUID
    body: bytes

    def headers(self, secret: str, at: datetime) -> dict[str, str]:
        """The headers with which it is sent at an instant."""
        timestamp = str(int(at.timestamp()))
        return {
            "Content-Type": MEDIA_TYPE,
            "User-Agent": "CeCoIA",
            "Webhook-Id": str(self.id),
            "Webhook-Timestamp": timestamp,
            "Webhook-Signature": sign(secret, str(self.id), timestamp, self.body),
        }


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """The value of `Webhook-Signature`: HMAC-SHA256 of id, timestamp and body, parted by dots."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}"


def envelope(stored: StoredEvent, event: Event, data: Mapping[str, Any], source: str) -> Envelope:
    """The message about an event.

    Args:
        stored: the event as it stands in the journal.
        event: what it says; only its type is told.
        data: of the message; nothing personal is in it.
        source: address of this CeCoIA.
    """
    about = {} if isinstance(event, WebhookTested) else {"subject": stored.number}
    cloud_event = {
        "specversion": "1.0",
        "id": str(stored.event_id),
        "source": source,
        "type": TYPE_PREFIX + type_and_schema(type(event))[0],
        **about,
        "time": stored.recorded_at.isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }
    return Envelope(id=stored.event_id, body=msgspec.json.encode(cloud_event))
