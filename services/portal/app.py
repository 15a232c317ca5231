"""The portal as an application: its pages, one line each, and what surrounds them."""

from __future__ import annotations

from typing import Any

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide

from services.portal.agent import act
from services.portal.assets import asset
from services.portal.autosave import attach, autosave
from services.portal.confirmation import confirmation
from services.portal.create import alike_fragment, form_page
from services.portal.create import send as send_incident
from services.portal.documents import document_bytes
from services.portal.failures import HANDLERS, unknown
from services.portal.flux import changes
from services.portal.headers import BrowserPolicy
from services.portal.home import home
from services.portal.incident import form_address, incident_page
from services.portal.incident import send as send_update
from services.portal.information import information
from services.portal.preferences import keep_preferences, preferences_page
from services.portal.queues import queue, queues
from services.portal.reports import events, report, report_csv, reports
from services.portal.signin import back, go, sign_in_page, sign_out
from services.portal.site import Site, opened
from services.portal.tracking import tracking
from services.portal.visit import guard, provide_visit
from shared.http.app import build_app
from shared.settings import Settings

HANDLERS_OF_PAGES: tuple[Any, ...] = (
    asset,
    sign_in_page,
    go,
    back,
    sign_out,
    home,
    form_page,
    send_incident,
    alike_fragment,
    autosave,
    attach,
    confirmation,
    tracking,
    incident_page,
    form_address,
    send_update,
    document_bytes,
    changes,
    preferences_page,
    keep_preferences,
    information,
    queues,
    queue,
    act,
    reports,
    report,
    report_csv,
    events,
    unknown,
)


def create_app(settings: Settings, **stand_ins: Any) -> Litestar:
    """Make the portal.

    Args:
        settings: addresses and limits.
        stand_ins: `intake`, `query`, `provider`, `verifier` in place of the real ones, for tests (see `site.opened`).
    """
    app = build_app(
        "portail",
        route_handlers=list(HANDLERS_OF_PAGES),
        lifespan=[opened(settings, **stand_ins)],
        checks={"redis": _redis_answers},
        guard=guard,
        description="Les pages de CeCoIA, le point unique des demandes d’assistance.",
        exception_handlers=HANDLERS,
        dependencies={"visit": Provide(provide_visit)},
    )
    app.asgi_handler = BrowserPolicy(app.asgi_handler, settings)
    return app


async def _redis_answers(state: State) -> bool:
    site: Site = state.site
    return bool(await site.redis.ping())
