"""What intake answers to whatever it has recorded."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.events.vocabulary import KnownErrorState, Status
from shared.wire import Answer


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
