"""What query answers about the life of an incident, step by step."""

from __future__ import annotations

from datetime import datetime

from shared.events.vocabulary import HoldReason, Status, Urgency
from shared.wire import Answer


class Standing(Answer, frozen=True, kw_only=True):
    """How an incident stood after an event; the fields are those of `IncidentDetail`.

    `documents` counts them. For agents alone, `take_due_at`, `resolve_due_at` and `due_at` are what was to be kept to
    then, by the catalogue of that time.
    """

    status: Status
    status_label: str
    group: str | None
    group_label: str | None
    responsible: str | None
    urgency: Urgency
    urgency_label: str
    subject: str
    subject_label: str
    hold: HoldReason | None
    hold_label: str | None
    hold_until: datetime | None
    documents: int
    take_due_at: datetime | None = None
    resolve_due_at: datetime | None = None
    due_at: datetime | None = None


class JourneyStep(Answer, frozen=True, kw_only=True):
    """An event, told as the timeline tells it, and how the incident stood after it.

    `changed` names the fields of `standing` that are not as they were after the step before; none at the first.
    """

    version: int
    type: str
    at: datetime
    shape: str
    by: str | None
    title: str
    text: str
    standing: Standing
    changed: list[str]


class Journey(Answer, frozen=True, kw_only=True):
    """The life of an incident as far as the caller may see it, oldest first."""

    number: str
    items: list[JourneyStep]
