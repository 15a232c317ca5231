"""What happens to an incident is told to those, too, whose incidents go on in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from services.notifier.work.planning import SHARED, NewWork, progress_for
from shared.database import Connection, statements
from shared.events import registry
from shared.events.incident import DuplicatesAdded, IncidentsMerged, Tie
from shared.journal.read import read_stream
from shared.journal.records import Recorded, StoredEvent

_sql = statements(__file__, "duplicates.sql")


async def progress(connection: Connection, page: Sequence[Recorded]) -> list[NewWork]:
    """The mails that a page of events causes to the people of other incidents, which had been merged by then."""
    told = [recorded for recorded in page if isinstance(recorded.event, SHARED)]
    if not told:
        return []
    known = await _duplicates(connection, {recorded.stream_id for recorded in told})
    return [
        work
        for recorded in told
        for version, ties in known[recorded.stream_id]
        if version < recorded.version
        for work in progress_for(recorded, ties)
    ]


async def _duplicates(connection: Connection, streams: set[UUID]) -> dict[UUID, list[tuple[int, tuple[Tie, ...]]]]:
    """By incident, what goes on in it since which of its versions."""
    found = defaultdict(list)
    for row in await connection.fetch(_sql.added, list(streams)):
        added = registry.decode(row["data"])
        if isinstance(added, DuplicatesAdded):
            found[row["stream_id"]].append((row["version"], added.duplicates))
    return found


async def read_leading(connection: Connection, events: Sequence[StoredEvent], cause: UUID) -> Sequence[StoredEvent]:
    """The events of the incident to which something happened: those given, or of one in which it goes on.

    Args:
        connection: of the notifier.
        events: of the incident to begin with.
        cause: id of what happened.

    Raises:
        LookupError: nothing of this id happened to any incident on the way.
    """
    while all(stored.event_id != cause for stored in events):
        decoded = (registry.decode(stored.data) for stored in events)
        merger = next((event for event in decoded if isinstance(event, IncidentsMerged)), None)
        if merger is None:
            raise LookupError(cause)
        events = await read_stream(connection, merger.into.stream)
    return events
