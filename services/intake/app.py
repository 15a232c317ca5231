"""Puts the write side together: pools, journal, store, limits, routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from typing import Any, Final

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from prometheus_client import Gauge
from redis.asyncio import Redis

from services.intake.api import ROUTES
from services.intake.callers import Callers
from services.intake.catalogue import api as catalogue
from services.intake.catalogue.changing import Changing
from services.intake.collecting import Collector
from services.intake.desk import Desk
from services.intake.housekeeping import Housekeeping
from services.intake.incident.deciding import Limits, Refusal
from services.intake.knowledge import api as knowledge
from services.intake.knowledge import news_api as news
from services.intake.knowledge.recorder import Publisher
from services.intake.people.erasure import Eraser
from services.intake.recorder import Recorder
from services.intake.uploads import Uploads
from services.intake.webhooks import api as webhooks
from services.intake.webhooks.registrar import Registrar
from shared import clock
from shared.catalogue import CatalogueWatch
from shared.database import AWAY, Pool, connect_pool
from shared.documents import DocumentStore, StoreFullError, StoreUnavailableError
from shared.http import away
from shared.http.app import build_app
from shared.http.identity import TokenVerifier
from shared.http.problems import Problem, unavailable
from shared.journal.batcher import Batcher, JournalBusy, JournalUnavailable
from shared.journal.erasures import heeding
from shared.journal.sealing import Vault
from shared.limits import Limit
from shared.settings import Settings
from shared.wakeups import Wakeups

_POOL_SIZE: Final = 12
_CLOSING: Final = 2.0
#: Seconds for a statement: all of this service's are short, and while one is waited for nothing else is written.
_ANSWER: Final = 10.0
_WAITING: Final = Gauge("cecoia_journal_waiting", "Commands that wait to be appended to the journal.")


def make_app(settings: Settings, now: Callable[[], datetime] = clock.now) -> Litestar:
    """The write side as an ASGI application.

    Args:
        settings: addresses and limits.
        now: the clock; tests give their own.
    """

    @asynccontextmanager
    async def life(app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await _open(app, settings, now, stack)
            yield

    return build_app(
        "intake",
        description="Enregistre les incidents et ce qui leur arrive.",
        route_handlers=[*ROUTES, *catalogue.ROUTES, *webhooks.ROUTES, *knowledge.ROUTES, *news.ROUTES],
        lifespan=[life],
        checks={"journal": _journal_answers, "documents": _store_answers},
        exception_handlers=_HANDLERS,
    )


async def _open(app: Litestar, settings: Settings, now: Callable[[], datetime], stack: AsyncExitStack) -> None:
    """Open what the service needs; the stack closes it in the opposite order."""
    pool = await connect_pool(
        settings.database_url, "cecoia_intake", name="cecoia intake", size=_POOL_SIZE, answer=_ANSWER
    )
    stack.push_async_callback(_close, pool)
    vault = Vault(pool)
    await stack.enter_async_context(heeding(pool, vault))
    wakeups = await stack.enter_async_context(Wakeups(settings.redis_url))
    batcher = await stack.enter_async_context(Batcher(pool, vault, wakeups.notify))
    _WAITING.set_function(lambda: batcher.waiting)
    redis = Redis.from_url(settings.redis_url, socket_timeout=1, socket_connect_timeout=1)
    stack.push_async_callback(redis.aclose)
    counting = redis if settings.limits else None
    verifier = TokenVerifier(settings)
    stack.push_async_callback(verifier.close)
    store = DocumentStore(settings.documents_url)

    def erased() -> None:
        wakeups.notify()
        housekeeping.call()

    eraser = Eraser(pool, vault, erased)
    housekeeping = Housekeeping(pool, Collector(store), eraser, now, settings.retention)
    tidying = asyncio.create_task(housekeeping.run())
    stack.push_async_callback(_stop, tidying)
    app.state.verifier = verifier
    app.state.pool = pool
    app.state.desk = Desk(
        settings=settings,
        vault=vault,
        callers=Callers(vault, settings.oidc_issuer),
        catalogue=CatalogueWatch(pool, vault),
        recorder=Recorder(pool, batcher, Limits(settings.documents_per_incident, settings.reopening)),
        changing=Changing(pool, batcher),
        publisher=Publisher(pool, batcher),
        eraser=eraser,
        registrar=Registrar(pool, vault, batcher),
        store=store,
        uploads=Uploads(store),
        creates=Limit(counting, "creates", most=30, seconds=60),
        writes=Limit(counting, "writes", most=120, seconds=60),
        uploading=Limit(counting, "uploads", most=100, seconds=600),
        now=now,
    )


async def _close(pool: Pool) -> None:
    """Give the connections back; those of a server that went away are dropped."""
    try:
        async with asyncio.timeout(_CLOSING):
            await pool.close()
    except AWAY:
        pool.terminate()


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _journal_answers(state: State) -> bool:
    return bool(await state.pool.fetchval("SELECT true"))


async def _store_answers(state: State) -> bool:
    """Whether the store can be asked; that the document asked for is not there is an answer too."""
    with suppress(FileNotFoundError):
        await state.desk.store.head("health")
    return True


def _refused(_request: Request[Any, Any, Any], error: Refusal) -> Response[Any]:
    return Problem(error.status, detail=error.sentence, code=error.code).response()


def _not_now(_request: Request[Any, Any, Any], _error: Exception) -> Response[Any]:
    return unavailable(1, "L’enregistrement est momentanément impossible. Réessayez dans un instant.").response()


def _full(_request: Request[Any, Any, Any], _error: Exception) -> Response[Any]:
    detail = "Le document ne peut pas être conservé pour le moment. Réessayez plus tard."
    return Problem(503, "Espace insuffisant", detail, headers={"Retry-After": "60"}, code="full").response()


_HANDLERS: Final[dict[type[Exception] | int, Any]] = {
    Refusal: _refused,
    **away.HANDLERS,
    **dict.fromkeys((JournalBusy, JournalUnavailable, StoreUnavailableError), _not_now),
    StoreFullError: _full,
}
