"""The portal as an application: its pages, one line each, and what surrounds them."""

from __future__ import annotations

from typing import Any

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide

from services.portal.access.signin import back, go, sign_in_page, sign_out
from services.portal.agents.actions import act
from services.portal.agents.calls import call_page, call_recorded, people_fragment, send_call
from services.portal.catalogue import editing, exchange, pages
from services.portal.drafts.autosave import attach, autosave
from services.portal.failures import HANDLERS, look_for_other_tokens, unknown
from services.portal.knowledge import errors, news, suggesting
from services.portal.look.assets import asset
from services.portal.look.headers import BrowserPolicy
from services.portal.pages.confirmation import confirmation
from services.portal.pages.create import alike_fragment, form_page
from services.portal.pages.create import send as send_incident
from services.portal.pages.documents import document_bytes, export_bytes
from services.portal.pages.exports import exported_data, exported_table
from services.portal.pages.flux import changes
from services.portal.pages.home import home
from services.portal.pages.incident import form_address, incident_page
from services.portal.pages.incident import send as send_update
from services.portal.pages.information import information
from services.portal.pages.journey import journey_page
from services.portal.pages.preferences import keep_preferences, preferences_page
from services.portal.pages.tracking import tracking
from services.portal.pages.webhooks import change as change_webhook
from services.portal.pages.webhooks import register as register_webhook
from services.portal.pages.webhooks import webhooks
from services.portal.queues.bulk import act_on_several
from services.portal.queues.claiming import claim_next
from services.portal.queues.pages import all_queues, queue, queues
from services.portal.queues.past import queue_then
from services.portal.queues.saved import remove_view, save_view
from services.portal.queues.undoing import undo
from services.portal.reports import saved
from services.portal.reports.dashboard import dashboard
from services.portal.reports.detail import detail as report_detail
from services.portal.reports.events import events
from services.portal.reports.pages import report, report_csv
from services.portal.site import Site, opened
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
    journey_page,
    form_address,
    send_update,
    document_bytes,
    export_bytes,
    changes,
    preferences_page,
    keep_preferences,
    information,
    errors.known_errors,
    errors.new_known_error,
    errors.publish_known_error,
    errors.known_error,
    errors.retire_known_error,
    errors.retirement_address,
    suggesting.suggestions,
    news.all_news,
    news.new_news,
    news.publish_news,
    news.one_news,
    news.follow_news,
    news.withdraw_news,
    news.form_address,
    queues,
    all_queues,
    queue,
    queue_then,
    claim_next,
    act_on_several,
    undo,
    save_view,
    remove_view,
    act,
    call_page,
    send_call,
    people_fragment,
    call_recorded,
    pages.overview,
    pages.history,
    pages.download,
    exchange.file_page,
    exchange.send_file,
    editing.new_page,
    editing.edit_page,
    editing.send_new,
    editing.send,
    editing.retire,
    dashboard,
    report,
    report_csv,
    report_detail,
    events,
    exported_data,
    exported_table,
    saved.save_report,
    saved.rename_report,
    saved.remove_report,
    webhooks,
    register_webhook,
    change_webhook,
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
    app.after_exception.append(look_for_other_tokens)
    app.asgi_handler = BrowserPolicy(app.asgi_handler, settings)
    return app


async def _redis_answers(state: State) -> bool:
    site: Site = state.site
    return bool(await site.redis.ping())
