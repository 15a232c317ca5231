"""What query answers about news and known errors."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.events.vocabulary import KnownErrorState
from shared.wire import Answer


class NewsItem(Answer, frozen=True, kw_only=True):
    """What many should know of, as the caller sees it.

    Without subjects it concerns every incident. `withdrawn_text` tells how it ended; `current` says whether it holds
    still. `followers` counts those whom it concerns, `followed` says whether the caller is one of them.
    """

    id: UUID
    version: int
    title: str
    text: str
    subjects: list[str]
    subject_labels: list[str]
    until: datetime | None
    published_at: datetime
    withdrawn_at: datetime | None
    withdrawn_text: str | None
    current: bool
    followers: int
    followed: bool


class NewsPage(Answer, frozen=True, kw_only=True):
    """A page of news, newest first."""

    items: list[NewsItem]
    next: str | None


class KnownErrorItem(Answer, frozen=True, kw_only=True):
    """An error whose way round is known.

    `ended_at` and `ended_text` say when and how it was solved, or why it was withdrawn; `incidents` counts those that
    are linked to it.
    """

    number: str
    version: int
    title: str
    symptoms: str
    workaround: str
    subjects: list[str]
    subject_labels: list[str]
    state: KnownErrorState
    state_label: str
    published_at: datetime
    ended_at: datetime | None
    ended_text: str | None
    incidents: int


class KnownErrorPage(Answer, frozen=True, kw_only=True):
    """A page of known errors, newest first."""

    items: list[KnownErrorItem]
    next: str | None


class KnownErrorItems(Answer, frozen=True, kw_only=True):
    """Known errors that may explain what somebody tells, most alike first."""

    items: list[KnownErrorItem]
