"""The queues over HTTP: how much waits, what waits for one group, what waits for all groups of an agent."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from litestar import get
from litestar.di import Provide
from litestar.params import FromPath

from services.query.context import Context, Here, Reader
from services.query.freshness import Fresh, read_header, wait_projected
from services.query.incidents import lists
from services.query.incidents.listing import Listing
from services.query.parameters import Asked, At, for_queues
from services.query.past import queues as past
from services.query.past import rows
from services.query.past.instants import read_past
from services.query.projections.timing import with_time_left
from services.query.queues.asking import read_queue
from services.query.viewer import Viewer
from shared import clock
from shared.http.identity import AGENTS
from shared.http.problems import not_found
from shared.wire.queues import QueueCount, QueuePage, Queues

_FILTERED = {"given": Provide(for_queues, sync_to_thread=False)}


@get("/v1/queues", access=AGENTS)
async def queues(context: Here, viewer: Reader, at: At = None, fresh: Fresh = None) -> Queues:
    """Ce qui attend dans les files des groupes de l’appelant ; de tous, pour un responsable ; ou attendait à `at`."""
    if instant := read_past(at, clock.now()):
        waited = await _waited(context, viewer, instant, fresh)
        return Queues(items=past.counts(waited, viewer))
    await wait_projected(context, "tracking", read_header(fresh))
    groups = lists.queues_of(viewer, await context.catalogue())
    return Queues(items=await _counts(context, viewer, groups))


@get("/v1/queues/{group:str}", access=AGENTS, dependencies=_FILTERED)
async def queue(  # noqa: PLR0917 - Litestar gives them by name
    context: Here, viewer: Reader, group: FromPath[str], given: Asked, at: At = None, fresh: Fresh = None
) -> QueuePage:
    """Une file, le plus pressant d’abord ; `at` la montre comme elle était à cet instant."""
    instant = read_past(at, clock.now())
    known = await context.catalogue()
    if group not in known.groups or not viewer.answers_for(group):
        raise not_found("Cette file n’existe pas ou n’est pas celle d’un de vos groupes.")
    listing = read_queue(given, [group])
    if instant:
        rows.check(listing)
        waited = await _waited(context, viewer, instant, fresh, group)
        return await past.page(context, viewer, listing, waited, past.count(waited, group, viewer))
    await wait_projected(context, "tracking", read_header(fresh))
    (count,) = await _counts(context, viewer, [group])
    return await _page(context, viewer, listing, count)


@get("/v1/waiting", access=AGENTS, dependencies=_FILTERED)
async def waiting(context: Here, viewer: Reader, given: Asked, at: At = None, fresh: Fresh = None) -> QueuePage:
    """Les files des groupes de l’appelant ensemble ; toutes, pour un responsable ; ou comme elles étaient à `at`."""
    instant = read_past(at, clock.now())
    groups = lists.queues_of(viewer, await context.catalogue())
    listing = read_queue(given, groups)
    if instant:
        rows.check(listing)
        waited = await _waited(context, viewer, instant, fresh)
        return await past.page(context, viewer, listing, waited, lists.together(past.counts(waited, viewer)))
    await wait_projected(context, "tracking", read_header(fresh))
    return await _page(context, viewer, listing, lists.together(await _counts(context, viewer, groups)))


async def _waited(
    context: Context, viewer: Viewer, instant: datetime, fresh: str | None, group: str | None = None
) -> past.Waiting:
    """What waited at an instant for a group, or for all groups of the reader."""
    await wait_projected(context, "facts", read_header(fresh))
    return await past.read_waiting(context, viewer, instant, group)


async def _counts(context: Context, viewer: Viewer, groups: Sequence[str]) -> list[QueueCount]:
    async with context.projection("tracking") as (connection, schema):
        return (await lists.queues(connection, schema, groups, viewer)).items


async def _page(context: Context, viewer: Viewer, listing: Listing, counts: QueueCount) -> QueuePage:
    async with context.projection("tracking") as (connection, schema):
        page = await lists.queue_page(connection, schema, listing, viewer, counts)
    items = with_time_left(page.items, await context.catalogue(), clock.now())
    return msgspec.structs.replace(page, items=items)


ROUTES = [queues, queue, waiting]
