"""What intake and query answer about the catalogue: one struct per answer, as in `shared.wire`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.events.vocabulary import Kind, Urgency
from shared.wire import Answer
from shared.wire.agents import CannedText


class FieldChange(Answer, frozen=True, kw_only=True):
    """A field of a definition before and after; nested ones are written `take.low`, null is none."""

    field: str
    before: Any
    after: Any


class ItemChange(Answer, frozen=True, kw_only=True):
    """What one event of the catalogue changes.

    Attributes:
        what: `calendar`, `group`, `subject` or `canned`.
        label: the French one, after the change.
        action: `defined`, `changed`, `retired` or `returned`.
        fields: those that differ.
    """

    what: str
    code: str
    label: str
    action: str
    fields: list[FieldChange]


class CatalogueWritten(Answer, frozen=True, kw_only=True):
    """The change is durably recorded; `version` is that of the catalogue after it."""

    version: int
    recorded_at: datetime


class CatalogueDifference(Answer, frozen=True, kw_only=True):
    """What a file would change of the catalogue at `version`; nothing was recorded."""

    version: int
    changes: list[ItemChange]


class CalendarDefinition(Answer, frozen=True, kw_only=True):
    """The hours in which groups work, by weekday (`mon`), as an event says them."""

    calendar: str
    label: str
    timezone: str
    open: dict[str, list[str]]
    holidays: str | None
    closed: list[str]


class GroupDefinition(Answer, frozen=True, kw_only=True):
    """A group that answers."""

    group: str
    label: str
    mail: str
    calendar: str
    programs: bool


class SubjectDefinition(Answer, frozen=True, kw_only=True):
    """A subject that can be chosen, or could; targets are in working minutes for each urgency."""

    subject: str
    label: str
    kind: Kind
    kind_label: str
    group: str
    group_label: str
    take: dict[Urgency, int]
    resolve: dict[Urgency, int]
    retired: bool


class CatalogueState(Answer, frozen=True, kw_only=True):
    """The whole catalogue in its own order; `version` counts its events."""

    version: int
    calendars: list[CalendarDefinition]
    groups: list[GroupDefinition]
    subjects: list[SubjectDefinition]
    canned_texts: list[CannedText]


class CatalogueStep(Answer, frozen=True, kw_only=True):
    """A change of the catalogue; `version` is that after it, `by` is null where it was read from a file."""

    version: int
    at: datetime
    by: str | None
    reason: str | None
    changes: list[ItemChange]


class CatalogueHistory(Answer, frozen=True, kw_only=True):
    """Changes of the catalogue, newest first; `next` is the version before which there are more."""

    items: list[CatalogueStep]
    next: int | None


class Flow(Answer, frozen=True, kw_only=True):
    """How many incidents would go from one group to another; the same group twice where they stay."""

    from_group: str
    from_label: str
    to_group: str
    to_label: str
    incidents: int


class MovedIncident(Answer, frozen=True, kw_only=True):
    """An incident that would go to another group."""

    number: str
    subject: str
    subject_label: str
    recorded_at: datetime
    from_label: str
    to_label: str


class DryRun(Answer, frozen=True, kw_only=True):
    """Where the last incidents would go under other routes, had they been created under them.

    Attributes:
        examined: how many were looked at.
        flows: from where to where, most incidents first.
        moved: those that would go elsewhere, newest first.
    """

    examined: int
    flows: list[Flow]
    moved: list[MovedIncident]
