"""What was saved, over HTTP: each person reads and changes their own."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath

from services.query.context import Here, Reader
from services.query.queues.asking import read_queue
from services.query.reports.declared import REPORTS
from services.query.saved import reports, views
from services.query.viewer import Viewer
from shared import clock
from shared.catalogue import Catalogue
from shared.http.bodies import Body, read_body
from shared.http.identity import AGENTS, MANAGERS
from shared.http.problems import Problem, not_found
from shared.wire.queues import SavedView, SavedViews
from shared.wire.saved import SavedReport, SavedReports


@get("/v1/me/views", access=AGENTS)
async def own_views(context: Here, viewer: Reader) -> SavedViews:
    """Les vues que l’appelant a enregistrées."""
    async with context.pool.acquire() as connection:
        found = await views.VIEWS.read(connection, context.vault, viewer.person)
    return SavedViews(items=[views.item(one) for one in found])


@post("/v1/me/views", access=AGENTS, body=views.View)
async def save_view(request: Request[Any, Any, Any], context: Here, viewer: Reader) -> Response[SavedView]:
    """Enregistrer une vue, à la place de celle du même nom s’il y en a une."""
    body = await read_body(request, views.View)
    _check(body, viewer, await context.catalogue())
    view = body.done()
    said = msgspec.structs.replace(view, is_default=False)
    async with context.pool.acquire() as connection:
        saved = await views.VIEWS.save(
            connection, context.vault, viewer.person, said, clock.now(), is_default=view.is_default
        )
    return Response(views.item(saved), status_code=201)


@delete("/v1/me/views/{view:uuid}", access=AGENTS)
async def remove_view(context: Here, viewer: Reader, view: FromPath[UUID]) -> None:
    """Retirer une vue."""
    async with context.pool.acquire() as connection:
        if not await views.VIEWS.remove(connection, viewer.person, view):
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


@get("/v1/me/reports", access=MANAGERS)
async def own_reports(context: Here, viewer: Reader) -> SavedReports:
    """Les rapports que l’appelant a enregistrés."""
    async with context.pool.acquire() as connection:
        found = await reports.REPORTS.read(connection, context.vault, viewer.person)
    return SavedReports(items=[reports.item(one) for one in found])


@post("/v1/me/reports", access=MANAGERS, body=reports.ReportForm)
async def save_report(request: Request[Any, Any, Any], context: Here, viewer: Reader) -> Response[SavedReport]:
    """Enregistrer un rapport, à la place de celui du même nom s’il y en a un."""
    body = await read_body(request, reports.ReportForm)
    if body.values.get("report", "volumes") not in REPORTS:
        body.refuse("report", "Ce rapport n’existe pas.")
    form = body.done()
    async with context.pool.acquire() as connection:
        saved = await reports.REPORTS.save(connection, context.vault, viewer.person, form, clock.now())
    return Response(reports.item(saved), status_code=201)


@patch("/v1/me/reports/{report:uuid}", access=MANAGERS, body=reports.NewName)
async def rename_report(
    request: Request[Any, Any, Any], context: Here, viewer: Reader, report: FromPath[UUID]
) -> SavedReport:
    """Donner un autre nom à un rapport enregistré."""
    name = (await read_body(request, reports.NewName)).done().name
    async with context.pool.acquire() as connection:
        saved = await reports.REPORTS.rename(connection, context.vault, viewer.person, report, name, clock.now())
    if saved is None:
        raise not_found(_NO_REPORT)
    return reports.item(saved)


@delete("/v1/me/reports/{report:uuid}", access=MANAGERS)
async def remove_report(context: Here, viewer: Reader, report: FromPath[UUID]) -> None:
    """Retirer un rapport enregistré."""
    async with context.pool.acquire() as connection:
        if not await reports.REPORTS.remove(connection, viewer.person, report):
            raise not_found(_NO_REPORT)


_NO_REPORT: Final = "Ce rapport n’est pas enregistré, ou n’est pas le vôtre."

ROUTES = [own_views, save_view, remove_view, own_reports, save_report, rename_report, remove_report]
