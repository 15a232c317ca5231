"""The HTTP application of the read side."""

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide

from services.query import api, lag, webhooks
from services.query.agents import api as agents
from services.query.catalogue import api as catalogue
from services.query.changes import Hub
from services.query.context import Context, provide_context, provide_viewer
from services.query.documents import serving as documents
from services.query.exports import api as exports
from services.query.feed import api as feed
from services.query.feed.reading import History
from services.query.feed.streams import Streams
from services.query.knowledge import api as knowledge
from services.query.projections import generations
from services.query.projections.generations import Readers
from services.query.projections.registry import PROJECTIONS
from services.query.queues import serving as queues
from services.query.reports import figures, today
from services.query.saved import api as saved
from shared.database import connect_pool
from shared.documents import DocumentStore
from shared.http import away
from shared.http.app import build_app
from shared.http.identity import TokenVerifier
from shared.journal.erasures import heeding
from shared.journal.sealing import Vault
from shared.settings import Settings
from shared.wakeups import Messages

ROLE = "cecoia_query"
POOL = 12


def create_app(settings: Settings) -> Litestar:
    """The application, to be run by `shared.http.app.run`."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            pool = await connect_pool(settings.database_url, ROLE, name="cecoia query", size=POOL)
            stack.push_async_callback(pool.close)
            await stack.enter_async_context(lag.watching(pool))
            vault = Vault(pool)
            await stack.enter_async_context(heeding(pool, vault))
            messages = Messages(settings.redis_url)
            stack.push_async_callback(messages.close)
            hub = Hub(messages)
            await stack.enter_async_context(hub.running())
            history = History(pool, vault)
            streams = Streams(messages, history)
            await stack.enter_async_context(streams.running())
            app.state.verifier = TokenVerifier(settings)
            stack.push_async_callback(app.state.verifier.close)
            store = DocumentStore(settings.documents_url)
            app.state.context = Context(
                pool, vault, Readers(), hub, history, streams, store, settings.oidc_issuer, settings.reopening
            )
            stack.callback(_before_stop(hub.close, streams.close))
            yield

    return build_app(
        "query",
        route_handlers=[
            *api.ROUTES,
            *queues.ROUTES,
            *saved.ROUTES,
            *knowledge.ROUTES,
            *documents.ROUTES,
            *figures.ROUTES,
            *today.ROUTES,
            *feed.ROUTES,
            *agents.ROUTES,
            *exports.ROUTES,
            webhooks.webhooks,
            *catalogue.ROUTES,
        ],
        lifespan=[lifespan],
        checks={"database": _has_database, "projections": _has_projections},
        dependencies={"context": Provide(provide_context), "viewer": Provide(provide_viewer)},
        exception_handlers=away.HANDLERS,
        response_headers={"Cache-Control": "no-store"},
        description="Ce que CeCoIA sait : suivi, files, histoire, rapports.",
    )


def _before_stop(*closes: Callable[[], None]) -> Callable[[], None]:
    """Call these as soon as the process is told to stop; the server itself waits for open streams before it says so.

    Returns:
        What puts the former signal handlers back.
    """
    former: dict[int, Any] = {}

    def handle(number: int, frame: Any) -> None:
        for close in closes:
            close()
        if callable(former[number]):
            former[number](number, frame)

    def restore() -> None:
        for number, handler in former.items():
            signal.signal(number, handler)

    for number in (signal.SIGTERM, signal.SIGINT):
        former[number] = signal.getsignal(number)
        signal.signal(number, handle)
    return restore


async def _has_database(state: State) -> bool:
    return bool(await state.context.pool.fetchval("select true"))


async def _has_projections(state: State) -> bool:
    async with state.context.pool.acquire() as connection:
        found = [await generations.current(connection, name) for name in PROJECTIONS]
    return all(found)
