"""What programs read that follow the whole history."""

from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, HeaderParameter
from litestar.response import Stream

from services.query.accepting import NDJSON, SSE, Accept, wants
from services.query.context import Here
from services.query.feed import asyncapi, schemas
from services.query.feed.asking import LIMIT, read_asked
from services.query.freshness import Fresh, read_header, wait_fenced
from services.query.parameters import Asked, for_feed
from shared.events.vocabulary import Role
from shared.http.identity import MANAGERS, Caller
from shared.http.problems import Problem, not_found
from shared.wire.feed import EventSchemas, Feed

Resumed = Annotated[
    str | None, HeaderParameter(name="Last-Event-ID", description="Le curseur du dernier événement reçu d’un flux.")
]


@get(
    "/v1/events",
    access=MANAGERS,
    content={"application/json": Feed, NDJSON: None, SSE: None},
    problems={429},
    dependencies={"given": Provide(for_feed, sync_to_thread=False)},
)
async def events(  # noqa: PLR0917 - Litestar gives them by name
    context: Here,
    caller: NamedDependency[Caller],
    given: Asked,
    accept: Accept = "*/*",
    fresh: Fresh = None,
    resumed: Resumed = None,
) -> Response[bytes] | Stream:
    """L’histoire de tous les événements : par pages, en lignes, ou en flux sans fin ; ses curseurs n’expirent pas."""
    form = next((form for form in (SSE, NDJSON) if wants(accept, form)), None)
    asked = read_asked(given, default=None if form else LIMIT, resumed=resumed)
    if asked.personal and Role.PERSONAL not in caller.roles:
        raise Problem(403, detail="Les données personnelles sont réservées au rôle « personal ».", code="role")
    await wait_fenced(context, read_header(fresh))
    if form:
        context.streams.refuse_more(caller)
    if form == SSE:
        return _flowing(context.streams.events(asked, caller), form)
    page = await context.history.read(asked)  # what fails here can still be answered, also where lines follow
    if form == NDJSON:
        return _flowing(context.streams.lines(page, asked, caller), form)
    return Response(msgspec.json.encode(page), media_type="application/json", headers={"Vary": "Accept"})


def _flowing(parts: AsyncIterator[bytes], form: str) -> Stream:
    headers = {"Content-Type": form, "Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept"}
    return Stream(parts, headers=headers)


@get("/v1/events/schemas", access=MANAGERS)
async def all_schemas() -> EventSchemas:
    """Les schémas de tous les événements, dans toutes leurs versions."""
    return schemas.overview()


@get("/v1/events/schemas/{name:str}", access=MANAGERS, content={schemas.MEDIA_TYPE: None})
async def one_schema(name: FromPath[str]) -> Response[bytes]:
    """Le schéma JSON (2020-12) d’une version d’un événement ; sans version, la plus récente."""
    if (found := schemas.find(name)) is None:
        raise not_found("Aucun événement ne porte ce nom.")
    return Response(msgspec.json.encode(found), media_type=schemas.MEDIA_TYPE)


@get("/v1/events/asyncapi.json", access=MANAGERS, content={"application/json": dict})
async def described() -> Response[bytes]:
    """L’histoire décrite pour les outils : un document AsyncAPI 3.0."""
    return Response(asyncapi.document(), media_type="application/json")


ROUTES = [events, all_schemas, one_schema, described]
