"""What managers and their programs read: reports, and what each of their figures is made of."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import Provide
from litestar.params import FromPath
from msgspec.structs import replace

from services.query.accepting import CSV, Accept, wants
from services.query.context import Context, Here
from services.query.freshness import Fresh, read_header, wait_projected
from services.query.knowledge import errors
from services.query.parameters import Asked, for_detail, for_reports
from services.query.projections import catalogue
from services.query.reports import answering
from services.query.reports.asking import read_asked, read_detail
from services.query.reports.axes import KNOWN_ERROR
from services.query.reports.declared import REPORTS, Declared
from services.query.reports.tables import labelled, to_csv
from shared import clock
from shared.catalogue import Catalogue
from shared.http.identity import MANAGERS
from shared.http.problems import not_found
from shared.wire.reports import Detail, Report, Reports


@get("/v1/reports", access=MANAGERS)
async def all_reports() -> Reports:
    """Les rapports qui existent."""
    return Reports(items=[answering.item(report) for report in REPORTS.values()])


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
    declared = _declared(name)
    asked = read_asked(declared, given, clock.now())
    await wait_projected(context, "facts", read_header(fresh))
    async with context.projection("facts") as (connection, schema):
        found = await answering.read(connection, schema, declared, asked)
        known = await catalogue.read(connection, schema)
    found = replace(found, known_errors=await _titles(context, found, known))
    if not wants(accept, CSV):
        return found
    spoken = given.get("labels") == "true"
    if spoken:
        found = labelled(found, known)
    filename = f"{name}_{asked.first}_{asked.last}.csv"
    return Response(
        to_csv(found, spoken=spoken),
        media_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="{filename}"', "Vary": "Accept"},
    )


@get(
    "/v1/reports/{name:str}/detail",
    access=MANAGERS,
    dependencies={
        "given": Provide(for_reports, sync_to_thread=False),
        "page": Provide(for_detail, sync_to_thread=False),
    },
)
async def detail(  # noqa: PLR0917 - Litestar gives them by name
    context: Here, request: Request[Any, Any, Any], name: FromPath[str], given: Asked, page: Asked, fresh: Fresh = None
) -> Detail:
    """Les événements dont un chiffre est fait ; `cell.` suivi d’un axe de `by` dit sa ligne."""
    declared = _declared(name)
    cell = {name: word for name, word in request.query_params.items() if name.startswith("cell.")}
    asked, wanted = read_detail(declared, cell | given | page, clock.now())
    await wait_projected(context, "facts", read_header(fresh))
    async with context.projection("facts") as (connection, schema):
        return await answering.read_detail(connection, schema, declared, asked, wanted)


async def _titles(context: Context, report: Report, known: Catalogue) -> dict[str, str]:
    """The titles of the known errors that a report is split by, by their numbers."""
    if KNOWN_ERROR not in report.by:
        return {}
    place = report.by.index(KNOWN_ERROR)
    numbers = sorted({str(row[place]) for row in report.rows})
    async with context.projection("knowledge") as (connection, schema):
        return {error.number: error.title for error in await errors.named(connection, schema, numbers, known)}


def _declared(name: str) -> Declared:
    if name not in REPORTS:
        raise not_found("Ce rapport n’existe pas.")
    return REPORTS[name]


ROUTES = [all_reports, report, detail]
