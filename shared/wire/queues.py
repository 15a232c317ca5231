"""What query answers about queues and the views that agents saved of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.wire import Answer
from shared.wire.incidents import IncidentItem


class QueueCount(Answer, frozen=True, kw_only=True):
    """How much waits for a group. `mine` are in the caller's hands, `late` are past due.

    `oldest_at` is the oldest untaken.

    `group` is None where all groups of the caller are counted together.
    """

    group: str | None
    label: str
    to_handle: int
    in_progress: int
    mine: int
    total: int
    late: int = 0
    oldest_at: datetime | None


class Queues(Answer, frozen=True, kw_only=True):
    """The queues of the caller's groups (all of them for a supervisor)."""

    items: list[QueueCount]


class QueuePage(Answer, frozen=True, kw_only=True):
    """What waits for a group, or for all groups of the caller (`group` None), most pressing first.

    `total` counts what the filters match, `counts` what waits whatever they say. `at_least` says that not all were
    counted: there are `total` of them or more.
    """

    group: str | None
    label: str
    items: list[IncidentItem]
    next: str | None
    total: int
    at_least: bool = False
    counts: QueueCount


class SavedView(Answer, frozen=True, kw_only=True):
    """A view that the caller saved: a queue, or all of theirs (`group` None), and the parameters it is asked with.

    `is_default` says that the console opens with it.
    """

    id: UUID
    name: str
    group: str | None
    filters: dict[str, str]
    is_default: bool


class SavedViews(Answer, frozen=True, kw_only=True):
    """The views of the caller."""

    items: list[SavedView]
