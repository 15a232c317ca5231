"""What our mails carry for those that answer them: written by the notifier, understood by intake."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

#: The header by which our own mails are known when they come round in a circle.
LOOP: Final = "X-CeCoIA-Loop"
#: Stands above all that our mails say, so that an answer ends there whatever quotes it.
ABOVE: Final = "Répondez au-dessus de cette ligne"

_INCIDENT: Final = re.compile(r"<incident-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^<>]+>")


def incident_id(stream_id: UUID, domain: str) -> str:
    """The Message-ID that all mails about an incident refer to; no mail bears it."""
    return f"<incident-{stream_id}@{domain}>"


def incident_of(message_id: str) -> UUID | None:
    """The stream of the incident that a reference names; None for any other reference."""
    match = _INCIDENT.fullmatch(message_id)
    return UUID(match[1]) if match else None
