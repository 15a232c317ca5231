"""The saved views over HTTP: each person reads and changes their own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath

from services.query.context import Here, Reader
from services.query.queues import views
from services.query.queues.asking import read_queue
from services.query.viewer import Viewer
from shared import clock
from shared.catalogue import Catalogue
from shared.http.bodies import Body, read_body
from shared.http.identity import AGENTS
from shared.http.problems import Problem, not_found
from shared.wire.queues import SavedView, SavedViews


@get("/v1/me/views", access=AGENTS)
async def own_views(context: Here, viewer: Reader) -> SavedViews:
    """Les vues que l’appelant a enregistrées."""
    async with context.pool.acquire() as connection:
        return SavedViews(items=await views.read(connection, context.vault, viewer.person))


@post("/v1/me/views", access=AGENTS, body=views.View)
async def save_view(request: Request[Any, Any, Any], context: Here, viewer: Reader) -> Response[SavedView]:
    """Enregistrer une vue, à la place de celle du même nom s’il y en a une."""
    body = await read_body(request, views.View)
    _check(body, viewer, await context.catalogue())
    view = body.done()
    async with context.pool.acquire() as connection:
        saved = await views.save(connection, context.vault, viewer.person, view, clock.now())
    return Response(saved, status_code=201)


@delete("/v1/me/views/{view:uuid}", access=AGENTS)
async def remove_view(context: Here, viewer: Reader, view: FromPath[UUID]) -> None:
    """Retirer une vue."""
    async with context.pool.acquire() as connection:
        if not await views.remove(connection, viewer.person, view):
            raise not_found("Cette vue n’existe pas ou n’est pas la vôtre.")


def _check(body: Body[views.View], viewer: Viewer, known: Catalogue) -> None:
    """Note what cannot be asked of the queue that the view speaks of."""
    group = body.values.get("group")
    if group is not None and (group not in known.groups or not viewer.answers_for(group)):
        body.refuse("group", "Cette file n’existe pas ou n’est pas celle d’un de vos groupes.")
    try:
        read_queue(msgspec.structs.asdict(body.values.get("filters") or views.Filters()), ())
    except Problem as problem:
        for error in problem.errors:
            body.refuse(f"filters.{error.field}", error.message)


ROUTES = [own_views, save_view, remove_view]
