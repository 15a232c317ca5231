"""What people read: their incidents, the page of each and its history, the catalogue."""

from collections.abc import Sequence
from datetime import datetime

from litestar import Response, get
from litestar.di import Provide
from litestar.params import FromPath
from litestar.response import Stream

from services.query import related
from services.query.context import Context, Here, Reader
from services.query.freshness import Fresh, read_header, wait_projected
from services.query.incidents import detail, export, history, lists, seen
from services.query.incidents.listing import read_list
from services.query.incidents.reading import read_incident
from services.query.knowledge.beside import read_beside
from services.query.knowledge.news import Eye
from services.query.parameters import Asked, At, for_lists
from services.query.past import journey
from services.query.past.instants import had_happened, read_catalogues, read_past
from services.query.projections import catalogue
from services.query.viewer import Viewer
from shared import clock
from shared.http.identity import INVOLVED, SIGNED_IN
from shared.journal.records import Recorded
from shared.wire.incidents import History, IncidentDetail, IncidentPage
from shared.wire.past import Journey
from shared.wire.people import Export
from shared.wire.subjects import Subjects


@get("/v1/incidents", access=INVOLVED, dependencies={"given": Provide(for_lists, sync_to_thread=False)})
async def incidents(context: Here, viewer: Reader, given: Asked, fresh: Fresh = None) -> IncidentPage:
    """La vue de suivi de l’appelant."""
    listing = read_list(given, is_agent=viewer.is_agent)
    await wait_projected(context, "tracking", read_header(fresh))
    async with context.projection("tracking") as (connection, schema):
        return await lists.page(connection, schema, listing, viewer)


@get("/v1/incidents/{number:str}", access=INVOLVED)
async def incident(
    context: Here, viewer: Reader, number: FromPath[str], at: At = None, fresh: Fresh = None
) -> IncidentDetail:
    """La page d’un incident ; `at` le montre comme il était à cet instant."""
    read_header(fresh)
    instant = read_past(at, clock.now())
    events, state = await read_incident(context, viewer, number)
    if instant is not None:
        return await _then(context, viewer, had_happened(events, instant), instant)
    known = await context.catalogue()
    async with context.projection("tracking") as (connection, schema):
        await seen.look(connection, viewer.person, state)
        near = await related.read(connection, schema, viewer, events)
    present = detail.Present(clock.now(), context.reopening)
    beside = await read_beside(context, events, state, viewer, Eye(viewer.person, present.at, known))
    return detail.build(events, viewer, known, present, near, beside=beside)


async def _then(context: Context, viewer: Viewer, events: Sequence[Recorded], instant: datetime) -> IncidentDetail:
    """The page as it was; nothing can be done to it, and what publications say beside it is of the present."""
    known = (await read_catalogues(context)).at(instant)
    async with context.projection("tracking") as (connection, schema):
        near = await related.read(connection, schema, viewer, events, instant)
    return detail.build(events, viewer, known, related=near)


@get("/v1/incidents/{number:str}/history", access=INVOLVED)
async def incident_history(
    context: Here, viewer: Reader, number: FromPath[str], at: At = None, fresh: Fresh = None
) -> History:
    """Tous les événements d’un incident que l’appelant peut voir, du plus ancien au plus récent ; `at` s’arrête là."""
    read_header(fresh)
    instant = read_past(at, clock.now())
    events, state = await read_incident(context, viewer, number)
    return history.build(had_happened(events, instant), state, viewer)


@get("/v1/incidents/{number:str}/journey", access=INVOLVED)
async def incident_journey(context: Here, viewer: Reader, number: FromPath[str], fresh: Fresh = None) -> Journey:
    """La vie d’un incident pas à pas : chaque événement que l’appelant peut voir, et l’incident après lui."""
    read_header(fresh)
    events, _ = await read_incident(context, viewer, number)
    return journey.build(events, viewer, await read_catalogues(context))


@get("/v1/me/export", access=INVOLVED)
async def my_export(context: Here, viewer: Reader, fresh: Fresh = None) -> Response[Export]:
    """Tout ce qui est enregistré au sujet de l’appelant, dans un fichier."""
    await wait_projected(context, "tracking", read_header(fresh))
    async with context.projection("tracking") as (connection, schema):
        found = await export.read(connection, schema, context.vault, viewer.person, clock.now())
    return Response(found, headers={"Content-Disposition": 'attachment; filename="cecoia-mes-donnees.json"'})


@get("/v1/subjects", access=SIGNED_IN)
async def subjects(context: Here, fresh: Fresh = None) -> Subjects:
    """Le catalogue, dans son ordre."""
    await wait_projected(context, "tracking", read_header(fresh))
    return Subjects(items=catalogue.items(await context.catalogue()))


@get("/v1/stream", access=INVOLVED, media_type="text/event-stream")
async def stream(context: Here, viewer: Reader) -> Stream:
    """Ce qui change pour l’appelant : ses incidents, et pour un agent ceux de ses groupes."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Stream(context.hub.events(viewer), media_type="text/event-stream", headers=headers)


ROUTES = [incidents, incident, incident_history, incident_journey, my_export, subjects, stream]
