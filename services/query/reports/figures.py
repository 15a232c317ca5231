"""What managers and their programs read: reports, and the history of all events."""

from typing import Annotated

from litestar import Response, get
from litestar.di import Provide
from litestar.params import FromPath, HeaderParameter
from litestar.response import Stream

from services.query.context import Here
from services.query.freshness import Fresh, read_header, wait_fenced, wait_projected
from services.query.parameters import Asked, for_feed, for_reports
from services.query.projections import catalogue
from services.query.reports import feed
from services.query.reports import tables as reports
from shared import clock
from shared.http.identity import MANAGERS
from shared.http.problems import not_found
from shared.wire.reports import Feed, Report, Reports

NDJSON = "application/x-ndjson"
CSV = "text/csv"

Accept = Annotated[str, HeaderParameter(name="Accept")]


@get("/v1/reports", access=MANAGERS)
async def all_reports() -> Reports:
    """Les rapports qui existent."""
    return Reports(items=list(reports.REPORTS.values()))


@get(
    "/v1/reports/{name:str}",
    access=MANAGERS,
    content={"application/json": Report, CSV: None},
    dependencies={"given": Provide(for_reports, sync_to_thread=False)},
)
async def report(
    context: Here, name: FromPath[str], given: Asked, accept: Accept = "*/*", fresh: Fresh = None
) -> Report | Response[bytes]:
    """Un rapport sur une période de jours de Paris, en JSON ou en CSV."""
    if name not in reports.REPORTS:
        raise not_found("Ce rapport n’existe pas.")
    asked = reports.read_asked(given, clock.paris_date(clock.now()))
    await wait_projected(context, "volumes", read_header(fresh))
    async with context.projection("volumes") as (connection, schema):
        found = await reports.read_volumes(connection, schema, asked)
        known = await catalogue.read(connection, schema)
    if not wants(accept, CSV):
        return found
    spoken = given.get("labels") == "true"
    filename = f"{name}_{asked.first}_{asked.last}.csv"
    return Response(
        reports.to_csv(reports.labelled(found, known) if spoken else found, spoken=spoken),
        media_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="{filename}"', "Vary": "Accept"},
    )


@get(
    "/v1/events",
    access=MANAGERS,
    content={"application/json": Feed, NDJSON: None},
    dependencies={"given": Provide(for_feed, sync_to_thread=False)},
)
async def events(context: Here, given: Asked, accept: Accept = "*/*", fresh: Fresh = None) -> Feed | Stream:
    """L’histoire de tous les événements, sans rien de personnel ; le curseur reste valable pour toujours."""
    streamed = wants(accept, NDJSON)
    asked = feed.read_asked(given, default=None if streamed else feed.LIMIT)
    await wait_fenced(context, read_header(fresh))
    if streamed:
        return Stream(feed.lines(context.pool, asked), headers={"Content-Type": NDJSON, "Vary": "Accept"})
    async with context.pool.acquire() as connection:
        return await feed.read(connection, asked)


def wants(accept: str, media_type: str) -> bool:
    """Whether a form was asked for by name; JSON is given otherwise."""
    names = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return media_type in names and (
        "application/json" not in names or names.index(media_type) < names.index("application/json")
    )


ROUTES = [all_reports, report, events]
