"""What the services say to each other and to programs over HTTP: one struct per answer.

Times are aware instants; codes stand beside their French labels; `next` cursors are opaque.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from shared.events.vocabulary import HoldReason, Kind, KnownErrorState, Message, Origin, Status, Urgency


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A body that a service answers with."""


# ── intake ──────────────────────────────────────────────────────────────────


class Created(Answer, frozen=True, kw_only=True):
    """The incident is durably recorded."""

    id: UUID
    number: str
    version: int
    status: Status
    recorded_at: datetime


class Written(Answer, frozen=True, kw_only=True):
    """The command is durably recorded; `version` and `status` are those after it."""

    number: str
    version: int
    status: Status
    recorded_at: datetime


class WrittenError(Answer, frozen=True, kw_only=True):
    """What was said of a known error is durably recorded; `version` and `state` are those after it."""

    id: UUID
    number: str
    version: int
    state: KnownErrorState
    state_label: str
    recorded_at: datetime


class WrittenNews(Answer, frozen=True, kw_only=True):
    """What was said of a news is durably recorded; `version` is the one after it."""

    id: UUID
    version: int
    recorded_at: datetime


class FollowedNews(Answer, frozen=True, kw_only=True):
    """The caller follows the news `id`, since when; `version` counts what became of that."""

    id: UUID
    version: int
    recorded_at: datetime


class Document(Answer, frozen=True, kw_only=True):
    """A stored file. Size in bytes, sha256 in hexadecimal. `id` names an upload or an attached document."""

    id: UUID
    filename: str
    media_type: str
    size: int
    sha256: str


class Documents(Answer, frozen=True, kw_only=True):
    """Files attached by this command."""

    documents: list[Document]
    version: int


class Uploads(Answer, frozen=True, kw_only=True):
    """Files kept for the caller until a command names them."""

    uploads: list[Document]


class Erased(Answer, frozen=True, kw_only=True):
    """Whoever asked for the incident is forgotten, with the `incidents` that they had asked for in all."""

    number: str
    incidents: int
    recorded_at: datetime


# ── query ───────────────────────────────────────────────────────────────────


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


class RelatedIncident(Answer, frozen=True, kw_only=True):
    """Another incident that one has to do with; `number` is None where the caller may not see that one."""

    number: str | None
    status: Status
    status_label: str


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


class IncidentDetail(Answer, frozen=True, kw_only=True):
    """Everything the page of an incident shows.

    `actions` are the commands that its status and the caller's side allow now; one may still be refused
    for the incident's group, or for who is responsible. `hold` is what an incident on hold waits for, `hold_until` when
    it resumes by itself. `takes_part` says whether the incident is asked for by the
    caller or for them, which an agent who only wrote it down is not. `merged_into` is the incident in which a merged
    one goes on; `duplicates` are the numbers of those that go on in this one, for agents. `follows` is the incident
    that this one follows, `followed_by` those that follow it, as far as the caller may see them; `can_be_followed` says
    whether a new one may. `known_errors` are those that it is linked to; `suggested_errors`, for agents alone, those
    that might explain it.

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
    duplicates: list[str] = []
    follows: RelatedIncident | None = None
    followed_by: list[RelatedIncident] = []
    can_be_followed: bool = False
    suggested_errors: list[KnownErrorItem] = []
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


class ExportedIncident(Answer, frozen=True, kw_only=True):
    """An incident of an export: its page, with the names and sizes of its documents, and every event of it."""

    detail: IncidentDetail
    history: list[HistoryItem]


class ExportedMail(Answer, frozen=True, kw_only=True):
    """A mail that was sent to somebody; `error` is why it did not arrive, None where it was taken."""

    number: str
    message: Message
    message_label: str
    address: str | None
    at: datetime
    error: str | None


class SavedView(Answer, frozen=True, kw_only=True):
    """A view that the caller saved: a queue, or all of theirs (`group` None), and the parameters it is asked with.

    `is_default` says that the console opens with it.
    """

    id: UUID
    name: str
    group: str | None
    filters: dict[str, str]
    is_default: bool


class Export(Answer, frozen=True, kw_only=True):
    """Everything that is held about a person.

    Attributes:
        person: the pseudonym under which the journal knows them.
        names: what they were called in incidents.
        incidents: those asked for by them or for them.
        recorded: numbers of those that they wrote down for others.
        views: of queues, that they saved.
    """

    made_at: datetime
    person: UUID
    names: list[str]
    addresses: list[str]
    incidents: list[ExportedIncident]
    mails: list[ExportedMail]
    recorded: list[str]
    views: list[SavedView]


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


class SavedViews(Answer, frozen=True, kw_only=True):
    """The views of the caller."""

    items: list[SavedView]


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


class Change(Answer, frozen=True, kw_only=True):
    """What a server-sent event of `/v1/stream` carries: look at this incident again."""

    number: str
    version: int
    status: Status
    group: str | None
