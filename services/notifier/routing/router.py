"""Routes incidents: many rows, one append. The decision itself is in `shared.routing`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid5

from services.notifier.toolbox import Toolbox
from services.notifier.work import rows as work
from services.notifier.work.claims import apart, claim_streams
from services.notifier.work.recording import record
from services.notifier.work.rows import Claimed
from shared.catalogue import Catalogue
from shared.events import registry
from shared.events.incident import IncidentCreated, IncidentRouted
from shared.journal.records import Append, Meta, NewEvent, StoredEvent
from shared.logs import logger
from shared.routing import NoRoute, route

_log = logger(__name__)

#: How soon to ask the catalogue again when it had no answer.
_RETRY: Final = timedelta(seconds=3)


async def route_all(tools: Toolbox, ids: Sequence[int], told: UUID) -> None:
    """Route the incidents of these rows, as far as they still stand under the lease `told`."""
    claimed = await claim_streams(tools, ids, told)
    catalogue = await tools.catalogue.latest()
    decided: list[tuple[Claimed, Append]] = []
    for row, events in claimed:
        async with apart(tools, row, log="route_broken"):
            try:
                decided.append((row, _decide(tools, row, events, catalogue)))
            except NoRoute as error:
                _log.warning("no_route", work=row.id, subject=str(error), attempts=row.attempts)
                async with tools.pool.acquire() as connection:
                    await work.failed(connection, row, error=f"no route for {error}", within=_RETRY)
    await record(tools, decided, log="incidents_routed")


def _decide(tools: Toolbox, row: Claimed, events: Sequence[StoredEvent], catalogue: Catalogue) -> Append:
    cause = next(stored for stored in events if stored.event_id == row.event_id)
    created = registry.decode(cause.data)
    if not isinstance(created, IncidentCreated):
        raise TypeError(f"work {row.id} routes what is no new incident")
    chosen = route(created.subject, catalogue)
    event = IncidentRouted(group=chosen.group, rule=chosen.rule, why=chosen.why)
    meta = Meta(cause=row.event_id, correlation=cause.meta.correlation)
    return Append(
        stream_id=row.stream_id,
        events=(NewEvent(event_id=uuid5(row.event_id, "routed"), event=event, meta=meta),),
        recorded_at=tools.now(),
    )
