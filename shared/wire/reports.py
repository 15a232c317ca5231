"""What query answers for reporting: figures, and the history of events."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from shared.wire import Answer


class Column(Answer, frozen=True, kw_only=True):
    """A column of a report; `unit` is `day`, `code`, `label`, `count`, `seconds`, `share`."""

    name: str
    label: str
    unit: str


class Report(Answer, frozen=True, kw_only=True, rename={"from_": "from"}):
    """Figures over a period of Europe/Paris days, both ends included."""

    name: str
    title: str
    from_: date
    to: date
    by: list[str]
    columns: list[Column]
    rows: list[list[str | int | float | None]]


class ReportItem(Answer, frozen=True, kw_only=True):
    """A report that can be asked for."""

    name: str
    title: str
    by: list[str]


class Reports(Answer, frozen=True, kw_only=True):
    """The reports there are."""

    items: list[ReportItem]


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
