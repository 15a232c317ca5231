"""The routes of the catalogue on the read side."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, Response, get, post
from litestar.di import Provide
from litestar.params import QueryParameter

from services.query.catalogue import history, reading, routes
from services.query.catalogue.toml import to_toml
from services.query.context import Here
from services.query.parameters import Asked, Given
from shared.http.bodies import read_body
from shared.http.identity import AGENTS, SUPERVISORS
from shared.wire.catalogue import CatalogueHistory, CatalogueState, DryRun

_TOML: Final = "application/toml"


def for_history(
    before: Annotated[str | None, QueryParameter(description="Le `next` de la page précédente.")] = None,
    limit: Annotated[str | None, QueryParameter(description="De 1 à 100.")] = None,
) -> Given:
    """Parameters of the history."""
    return {name: value for name, value in (("before", before), ("limit", limit)) if value is not None}


@get("/v1/catalogue", access=AGENTS)
async def whole(context: Here) -> Response[CatalogueState]:
    """Le catalogue entier, avec sa version."""
    known, version = await reading.current(context)
    return Response(reading.state(known, version), headers={"ETag": f'"{version}"'})


@get("/v1/catalogue.toml", access=SUPERVISORS, content={_TOML: None})
async def as_file(context: Here) -> Response[str]:
    """Le catalogue entier, dans un fichier qui peut être importé."""
    known, version = await reading.current(context)
    headers = {"Content-Disposition": f'attachment; filename="catalogue-{version}.toml"', "ETag": f'"{version}"'}
    return Response(to_toml(known), media_type=f"{_TOML}; charset=utf-8", headers=headers)


@get(
    "/v1/catalogue/history",
    access=SUPERVISORS,
    dependencies={"given": Provide(for_history, sync_to_thread=False)},
)
async def changed(context: Here, given: Asked) -> CatalogueHistory:
    """Qui a changé quoi dans le catalogue, quand et pourquoi, du plus récent au plus ancien."""
    asked = history.read_asked(given)
    return history.build(await reading.stream(context), asked)


@post("/v1/catalogue/dry-run", status_code=200, access=SUPERVISORS, body=routes.OtherRoutes)
async def dry_run(request: Request[Any, Any, Any], context: Here) -> DryRun:
    """Où iraient les 500 derniers incidents si des objets étaient suivis par d’autres équipes ; rien n’est changé."""
    body = await read_body(request, routes.OtherRoutes)
    known, _ = await reading.current(context)
    other = routes.rerouted(known, body)
    async with context.projection("tracking") as (connection, schema):
        incidents = await routes.newest(connection, schema)
    return routes.dry_run(incidents, known, other)


ROUTES: Final = [whole, as_file, changed, dry_run]
