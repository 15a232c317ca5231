"""What query answers about incidents: rows of lists, the page of one, its history, and that one changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from shared.events.vocabulary import HoldReason, Kind, Origin, Status, Urgency
from shared.wire import Answer
from shared.wire.knowledge import KnownErrorItem, NewsItem


class IncidentItem(Answer, frozen=True, kw_only=True):
    """A row of the tracking view or of a queue.

    `excerpt` is the start of the description; `unread` counts what others added since the caller last looked;
    `your_turn` says that something is expected of the caller (a resolution to confirm, a question to answer);
    `mine` that the caller is responsible for the incident; `hold` is what an incident on hold waits for, `hold_until`
    when it resumes by itself.

    For agents, `take_due_at` and `resolve_due_at` are when the targets run out, `due_at` the next of them. In queues,
    `minutes_left` are the working minutes until then, below zero those since then.
    """

    number: str
    version: int
    subject: str
    subject_label: str
    kind: Kind
    status: Status
    status_label: str
    urgency: Urgency
    urgency_label: str
    excerpt: str
    recorded_at: datetime
    updated_at: datetime
    requester: str
    beneficiary: str | None
    responsible: str | None
    group: str | None
    group_label: str | None
    documents: int
    unread: int
    your_turn: bool
    mine: bool = False
    hold: HoldReason | None = None
    hold_until: datetime | None = None
    take_due_at: datetime | None = None
    resolve_due_at: datetime | None = None
    due_at: datetime | None = None
    late: bool = False
    minutes_left: int | None = None


class IncidentPage(Answer, frozen=True, kw_only=True):
    """A page of rows; `total` counts all that the filters match, `open` those of the caller that still run.

    `at_least` says that not all were counted: there are `total` of them or more. `open` is counted up to 1,000.
    """

    items: list[IncidentItem]
    next: str | None
    total: int
    at_least: bool = False
    open: int


class PersonItem(Answer, frozen=True, kw_only=True):
    """Somebody, as pages show them. `is_caller` says whether it is the reader."""

    name: str
    email: str | None
    is_caller: bool


class AttachedDocument(Answer, frozen=True, kw_only=True):
    """A document of an incident, with who attached it and when. `entry` is the version it came with."""

    id: UUID
    filename: str
    media_type: str
    size: int
    sha256: str
    attached_at: datetime
    attached_by: str
    entry: int


class Entry(Answer, frozen=True, kw_only=True):
    """A line of an incident's timeline, oldest first.

    Attributes:
        version: version of the incident after it.
        type: event name without its version, e.g. `ReplySent`.
        shape: `message` (somebody wrote) or `fact` (something happened).
        side: `requester`, `agent` or `system`.
        by: name of who did it; None for the system.
        title: short French title, e.g. `Réponse`, `Pris en compte`.
        text: what was written, or the sentence that tells the fact.
        documents: ids of documents that came with it.
    """

    version: int
    type: str
    at: datetime
    shape: str
    side: str
    by: str | None
    by_caller: bool
    title: str
    text: str
    documents: list[UUID]


class RelatedIncident(Answer, frozen=True, kw_only=True):
    """Another incident that one has to do with; `number` is None where the caller may not see that one."""

    number: str | None
    status: Status
    status_label: str


class Opinion(Answer, frozen=True, kw_only=True):
    """What the requester's side thinks of how it was helped: from 1, the worst, to 5, and in words."""

    rating: int
    label: str
    text: str | None


class IncidentDetail(Answer, frozen=True, kw_only=True):
    """Everything the page of an incident shows.

    `actions` are the commands that its status and the caller's side allow now; one may still be refused
    for the incident's group, or for who is responsible. `hold` is what an incident on hold waits for, `hold_until` when
    it resumes by itself. `takes_part` says whether the incident is asked for by the
    caller or for them, which an agent who only wrote it down is not. `merged_into` is the incident in which a merged
    one goes on; `duplicates` are the numbers of those that go on in this one, for agents. `follows` is the incident
    that this one follows, `followed_by` those that follow it, as far as the caller may see them; `can_be_followed` says
    whether a new one may. `known_errors` are those that it is linked to; `suggested_errors`, for agents alone, those
    that might explain it. `opinion` is the last that was given of it.

    For agents, `take_due_at`, `resolve_due_at` and `due_at` are what they are in lists.
    """

    number: str
    version: int
    subject: str
    subject_label: str
    kind: Kind
    status: Status
    status_label: str
    urgency: Urgency
    urgency_label: str
    origin: Origin
    origin_label: str
    requester: PersonItem
    beneficiary: PersonItem | None
    recorded_by: PersonItem
    responsible: PersonItem | None
    group: str | None
    group_label: str | None
    routing_why: str | None
    phone: str
    availability: str
    description: str
    recorded_at: datetime
    updated_at: datetime
    timeline: list[Entry]
    documents: list[AttachedDocument]
    news: list[NewsItem]
    known_errors: list[KnownErrorItem]
    actions: list[str]
    takes_part: bool
    hold: HoldReason | None = None
    hold_label: str | None = None
    hold_until: datetime | None = None
    merged_into: RelatedIncident | None = None
    duplicates: list[str] = msgspec.field(default_factory=list)
    follows: RelatedIncident | None = None
    followed_by: list[RelatedIncident] = msgspec.field(default_factory=list)
    can_be_followed: bool = False
    opinion: Opinion | None = None
    suggested_errors: list[KnownErrorItem] = msgspec.field(default_factory=list)
    take_due_at: datetime | None = None
    resolve_due_at: datetime | None = None
    due_at: datetime | None = None


class HistoryItem(Answer, frozen=True, kw_only=True):
    """An event of an incident as the caller may see it; `data` in the clear, without what is not theirs."""

    id: UUID
    position: str
    version: int
    type: str
    recorded_at: datetime
    by: str | None
    title: str
    data: dict[str, Any]


class History(Answer, frozen=True, kw_only=True):
    """All events of an incident, oldest first."""

    number: str
    items: list[HistoryItem]


class Change(Answer, frozen=True, kw_only=True):
    """What a server-sent event of `/v1/stream` carries: look at this incident again."""

    number: str
    version: int
    status: Status
    group: str | None
