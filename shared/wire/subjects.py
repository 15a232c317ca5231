"""What query answers about what can be chosen."""

from __future__ import annotations

from shared.events.vocabulary import Kind
from shared.wire import Answer


class SubjectItem(Answer, frozen=True, kw_only=True):
    """A subject that can be chosen, or could."""

    subject: str
    label: str
    kind: Kind
    kind_label: str
    group: str
    group_label: str
    retired: bool


class Subjects(Answer, frozen=True, kw_only=True):
    """The catalogue in its own order."""

    items: list[SubjectItem]
