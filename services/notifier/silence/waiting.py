"""How long an answer is waited for: pure functions of an incident's events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from shared.catalogue import Catalogue
from shared.events.incident import DocumentAttached, IncidentResolved, IncidentUpdated, ReplySent
from shared.journal.records import Recorded
from shared.life import status_after
from shared.targets.clocks import evolve
from shared.targets.due import hours_of

#: What somebody says while an answer is waited for; the wait begins anew.
_SPEECH: Final = (IncidentUpdated, DocumentAttached, ReplySent)


def unanswered(events: Sequence[Recorded]) -> Recorded | None:
    """The last word since an incident was resolved, the resolution or a later one; None where it no longer waits.

    Args:
        events: all of the incident's, oldest first.
    """
    last: Recorded | None = None
    for recorded in events:
        if status_after(recorded.event) is not None:
            last = recorded if isinstance(recorded.event, IncidentResolved) else None
        elif last is not None and isinstance(recorded.event, _SPEECH):
            last = recorded
    return last


def after_days(events: Sequence[Recorded], since: datetime, days: int, catalogue: Catalogue) -> datetime | None:
    """The end of so many working days of the incident's group after an instant; that instant for none.

    Returns:
        None where the catalogue has no calendar for the group, or one that hardly ever opens.
    """
    if days <= 0:
        return since
    clocks = None
    for recorded in events:
        clocks = evolve(clocks, recorded.event, recorded.recorded_at)
    hours = hours_of(clocks.group if clocks else None, "", catalogue)
    return hours.days_after(since, days) if hours else None
