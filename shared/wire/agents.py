"""What query answers to agents alone: one struct per answer, as in `shared.wire`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from shared.events.vocabulary import Status, Target
from shared.wire import Answer


class CannedText(Answer, frozen=True, kw_only=True):
    """A text to begin an answer with; `subjects` and `groups` say for which incidents, both empty for all."""

    canned: str
    label: str
    text: str
    subjects: list[str]
    groups: list[str]


class CannedTexts(Answer, frozen=True, kw_only=True):
    """The canned texts in the order of the catalogue."""

    items: list[CannedText]


class RoutingStep(Answer, frozen=True, kw_only=True):
    """Why an incident went to a group: by a `rule` of the service, or because an agent (`by`) sent it there."""

    at: datetime
    group_label: str
    why: str
    by: str | None
    rule: str | None


class Neighbour(Answer, frozen=True, kw_only=True):
    """Another incident, in a line or two. `responsible` is who has it in hand."""

    number: str
    subject: str
    subject_label: str
    status: Status
    status_label: str
    excerpt: str
    recorded_at: datetime
    updated_at: datetime
    responsible: str | None


class Neighbours(Answer, frozen=True, kw_only=True):
    """Incidents of somebody, those that still run first, and how many there are; or at least, where `at_least`."""

    items: list[Neighbour]
    total: int
    at_least: bool


class Similar(Answer, frozen=True, kw_only=True):
    """An incident that was about the same, and the beginning of what resolved it. `words` are those in common."""

    incident: Neighbour
    solution: str
    words: int


class TargetLine(Answer, frozen=True, kw_only=True):
    """A time that counted for a target, or, with a `text` that says why, one that did not; `total` is all so far."""

    start: datetime
    end: datetime | None
    minutes: int
    total: int
    text: str


class TargetItem(Answer, frozen=True, kw_only=True):
    """A target in working minutes, counted out line by line until `due_at`, which is None while it is paused."""

    target: Target
    label: str
    minutes: int
    calendar: str
    due_at: datetime | None
    met_at: datetime | None
    lines: list[TargetLine]


class TargetMove(Answer, frozen=True, kw_only=True):
    """A change of the catalogue, after which due times were reckoned again; `why` is None for a file that was read."""

    at: datetime
    what: str
    why: str | None


class Beside(Answer, frozen=True, kw_only=True):
    """Around an incident: why it is here and due when it is, what else its requester has, what helped others."""

    number: str
    routing: list[RoutingStep]
    others: Neighbours
    similar: list[Similar]
    targets: list[TargetItem]
    target_moves: list[TargetMove]


class RawEvent(Answer, frozen=True, kw_only=True):
    """An event as it stands in the journal, its texts opened.

    Attributes:
        version: of the incident after it.
        schema: version of the event's type; `data` is lifted to the newest one.
        request: identifier of the HTTP request that recorded it; None where there was none.
        chain: its link in the chain of the incident's events, in hexadecimal.
    """

    id: UUID
    position: str
    version: int
    type: str
    schema: int
    recorded_at: datetime
    by: str | None
    title: str
    data: dict[str, Any]
    request: str | None
    chain: str


class RawEvents(Answer, frozen=True, kw_only=True):
    """Every event of an incident, oldest first."""

    number: str
    items: list[RawEvent]


class KnownPerson(Answer, frozen=True, kw_only=True):
    """Somebody who asked for an incident once, or for whom one was asked."""

    id: UUID
    name: str
    email: str


class KnownPeople(Answer, frozen=True, kw_only=True):
    """People whose name or address fits what was typed; `more` says that not all are here."""

    items: list[KnownPerson]
    more: bool


class CallerCard(Answer, frozen=True, kw_only=True):
    """What an agent sees of somebody who calls. `phone` and `availability` are those of their last incident."""

    person: KnownPerson
    phone: str
    availability: str
    incidents: Neighbours
