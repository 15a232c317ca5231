"""What query answers to somebody who asks for everything that is held about them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.events.vocabulary import Message
from shared.wire import Answer
from shared.wire.incidents import HistoryItem, IncidentDetail
from shared.wire.queues import SavedView
from shared.wire.saved import SavedReport


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


class Export(Answer, frozen=True, kw_only=True):
    """Everything that is held about a person.

    Attributes:
        person: the pseudonym under which the journal knows them.
        names: what they were called in incidents.
        incidents: those asked for by them or for them.
        recorded: numbers of those that they wrote down for others.
        views: of queues, that they saved.
        reports: that they saved.
    """

    made_at: datetime
    person: UUID
    names: list[str]
    addresses: list[str]
    incidents: list[ExportedIncident]
    mails: list[ExportedMail]
    recorded: list[str]
    views: list[SavedView]
    reports: list[SavedReport]
