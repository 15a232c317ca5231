"""The life of a news: what may be done with it, and what it has become. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from services.intake.incident.deciding import Refusal
from shared.events.base import Event, Person
from shared.events.knowledge import NewsFollowed, NewsPublished, NewsWithdrawn


def withdraw(events: Sequence[Event], by: Person, text: str | None) -> NewsWithdrawn:
    """Let a news hold no more.

    Args:
        events: all that happened to it.
        by: who withdraws it.
        text: how it ended, for its followers.

    Raises:
        Refusal: there is none, or it was withdrawn before.
    """
    _published(events)
    if _is_withdrawn(events):
        raise Refusal("withdrawn", "Cette news est déjà retirée.")
    return NewsWithdrawn(by=by, text=text)


def follow(events: Sequence[Event], news: UUID, by: Person, at: datetime) -> NewsFollowed:
    """Let somebody hear how a news ends.

    Args:
        events: all that happened to it.
        news: its stream.
        by: who follows it.
        at: when.

    Raises:
        Refusal: there is none, or it holds no more.
    """
    published = _published(events)
    if _is_withdrawn(events) or (published.until is not None and published.until <= at):
        raise Refusal("ended", "Cette news n’est plus d’actualité.")
    return NewsFollowed(news=news, by=by)


def follower_stream(news: UUID, person: UUID) -> UUID:
    """The stream in which somebody follows a news."""
    return uuid5(news, f"follower:{person}")


def _published(events: Sequence[Event]) -> NewsPublished:
    first = events[0] if events else None
    if not isinstance(first, NewsPublished):
        raise Refusal("not-found", "Cette news n’existe pas.", 404)
    return first


def _is_withdrawn(events: Sequence[Event]) -> bool:
    return any(isinstance(event, NewsWithdrawn) for event in events)
