"""The history of events, as query gives it to programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from shared.wire import Answer


class FeedHead(Answer, frozen=True, kw_only=True):
    """What stands around an event: `version` is that of its stream after it, not of its schema."""

    id: UUID
    position: str
    stream: UUID
    version: int
    type: str
    number: str | None
    recorded_at: datetime


class FeedItem(FeedHead, frozen=True, kw_only=True):
    """An event for reporting; `data` holds what its type says, personal fields are null."""

    data: dict[str, Any]


class Feed(Answer, frozen=True, kw_only=True):
    """A page of the event history; `next` stays valid for ever, also at the head.

    `more` says that the head was not reached. Pages of some events only may then be short, or even empty: no answer
    looks through the whole history at once.
    """

    items: list[FeedItem]
    next: str
    more: bool = False


class EventSchema(Answer, frozen=True, kw_only=True):
    """A version of an event; `name` is what stands in `data.type`, `url` where its JSON Schema is, without the host."""

    name: str
    type: str
    version: int
    title: str
    current: bool
    url: str


class EventSchemas(Answer, frozen=True, kw_only=True):
    """All versions of all events."""

    items: list[EventSchema]
