"""What the assistance publishes for everybody: errors whose way round is known, and news. One stream each.

The house speaks here, to whoever signs in: these texts belong to nobody, and stay when their author is forgotten.
Whoever follows a news does so in a stream of their own, so that a whole school can at the same moment.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from shared.events.base import Event, Person


class KnownErrorPublished(Event, frozen=True, kw_only=True, tag="KnownErrorPublished.1"):
    """Something is broken, and there is a way to work meanwhile.

    `subjects` are those of the incidents that may come of it.
    """

    number: str
    by: Person
    title: str
    symptoms: str
    workaround: str
    subjects: list[str]


class KnownErrorRetired(Event, frozen=True, kw_only=True, tag="KnownErrorRetired.1"):
    """The error is solved, and `text` tells how; or it should not have been published, and `text` tells why."""

    number: str
    by: Person
    text: str
    solved: bool


class NewsPublished(Event, frozen=True, kw_only=True, tag="NewsPublished.1"):
    """Something happens that many should know of.

    It holds until `until`, where that is given, or until it is withdrawn. `subjects` are those of the incidents that it
    concerns; none means all of them.
    """

    by: Person
    title: str
    text: str
    subjects: list[str]
    until: datetime | None = None


class NewsWithdrawn(Event, frozen=True, kw_only=True, tag="NewsWithdrawn.1"):
    """The news holds no more; `text` tells its followers how it ended, None where there is nothing to tell."""

    by: Person
    text: str | None = None


class NewsFollowed(Event, frozen=True, kw_only=True, tag="NewsFollowed.1"):
    """A news concerns somebody, who wants to hear how it ends; `news` is its stream."""

    news: UUID
    by: Person


class FollowerTold(Event, frozen=True, kw_only=True, tag="FollowerTold.1"):
    """A follower got a mail about the end of the news, `cause`; this stands in the stream of following."""

    to: Person
    message_id: str
    cause: UUID
    attempts: int
    sent_at: datetime


ALL: Final[tuple[type[Event], ...]] = (
    KnownErrorPublished,
    KnownErrorRetired,
    NewsPublished,
    NewsWithdrawn,
    NewsFollowed,
    FollowerTold,
)
