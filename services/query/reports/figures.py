"""What managers and their programs read: reports."""

from litestar import Response, get
from litestar.di import Provide
from litestar.params import FromPath

from services.query.accepting import CSV, Accept, wants
from services.query.context import Here
from services.query.freshness import Fresh, read_header, wait_projected
from services.query.parameters import Asked, for_reports
from services.query.projections import catalogue
from services.query.reports import tables as reports
from shared import clock
from shared.http.identity import MANAGERS
from shared.http.problems import not_found
from shared.wire.reports import Report, Reports


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


ROUTES = [all_reports, report]
