"""What query answers about today: what waits, what is late, what comes in faster than usual."""

from __future__ import annotations

from datetime import datetime

from shared.wire import Answer


class Waiting(Answer, frozen=True, kw_only=True):
    """What waits for a group; `late` is past due, `oldest_at` the oldest that nobody has taken."""

    group: str
    label: str
    to_handle: int
    in_progress: int
    on_hold: int
    late: int
    oldest_at: datetime | None


class Rush(Answer, frozen=True, kw_only=True):
    """A subject that comes in faster than usual.

    Attributes:
        created: today so far.
        usual: on average by the same hour, on the days that today is compared with.
        days: how many those are.
    """

    subject: str
    label: str
    created: int
    usual: float
    days: int


class Dashboard(Answer, frozen=True, kw_only=True):
    """Today at one instant; groups in the order of the catalogue, the greatest rush first."""

    at: datetime
    created: int
    waiting: list[Waiting]
    rushes: list[Rush]
