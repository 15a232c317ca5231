"""What query answers about the reports that managers saved."""

from __future__ import annotations

from uuid import UUID

from shared.wire import Answer


class SavedReport(Answer, frozen=True, kw_only=True):
    """A report that the caller saved; `params` are those of the page that shows it."""

    id: UUID
    name: str
    report: str
    params: dict[str, str]


class SavedReports(Answer, frozen=True, kw_only=True):
    """The reports that the caller saved."""

    items: list[SavedReport]
