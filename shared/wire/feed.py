"""The history of events, as query gives it to programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from shared.wire import Answer


class FeedItem(Answer, frozen=True, kw_only=True):
    """An event for reporting; `data` holds what its type says, personal fields are null.

    `version` is that of the stream after the event, not of the event's schema.
    """

    id: UUID
    position: str
    stream: UUID
    version: int
    type: str
    number: str | None
    recorded_at: datetime
    data: dict[str, Any]


class Feed(Answer, frozen=True, kw_only=True):
    """A page of the event history; `next` stays valid for ever, also at the head.

    `more` says that the head was not reached. Pages of some types only may then be short, or even empty: no answer
    looks through the whole history at once.
    """

    items: list[FeedItem]
    next: str
    more: bool = False
