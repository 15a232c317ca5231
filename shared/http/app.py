"""The application that every HTTP service is: its own routes, and around them what all of them have."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import uvicorn
from litestar import Litestar, Response, Router, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import ControllerRouterHandler, Guard
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.http.farewell import Farewell
from shared.http.identity import PUBLIC, caller_of, check_bearer
from shared.http.observation import Observation
from shared.http.patience import PatientProtocol
from shared.http.problems import HANDLERS
from shared.http.schema import openapi_config
from shared.logs import logger

_log = logger(__name__)

#: Says whether something the service needs is there; may raise instead of saying no.
Check = Callable[[State], Awaitable[bool]]
Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]

_CHECK_SECONDS = 2.0
_BODY_SIZE = 1024 * 1024


def build_app(
    name: str,
    *,
    route_handlers: Sequence[ControllerRouterHandler],
    lifespan: Sequence[Lifespan] = (),
    checks: Mapping[str, Check] | None = None,
    guard: Guard = check_bearer,
    description: str = "",
    **options: Any,
) -> Litestar:
    """Make the application of a service.

    Each route must say who may call it: `access=PUBLIC`, `access=SIGNED_IN` or `access=require(Role…)`. A service that
    uses the default guard puts a `TokenVerifier` into `app.state.verifier` in its lifespan.

    Args:
        name: of the service; title of its schema.
        route_handlers: its routes.
        lifespan: context managers around its life; they put pools and the like into `app.state`.
        checks: what must be there for `/health/ready`, by name.
        guard: holds each route to its `access`.
        description: for the schema.
        options: further arguments of `Litestar`; `exception_handlers` and `dependencies` add to ours.

    Raises:
        ValueError: a route does not say who may call it.
    """
    app = Litestar(
        route_handlers=[*route_handlers, _operations(checks or {})],
        lifespan=list(lifespan),
        guards=[guard],
        dependencies={"caller": Provide(caller_of, sync_to_thread=False), **options.pop("dependencies", {})},
        exception_handlers={**HANDLERS, **options.pop("exception_handlers", {})},
        openapi_config=openapi_config(f"CeCoIA : {name}", "1", description),
        request_max_body_size=options.pop("request_max_body_size", _BODY_SIZE),
        logging_config=None,
        **options,
    )
    _check_access(app)
    app.asgi_handler = Observation(Farewell(app.asgi_handler))
    return app


def _check_access(app: Litestar) -> None:
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if "access" not in handler.opt and handler.http_methods != {"OPTIONS"}:
                raise ValueError(f"{route.path} does not say who may call it")


def _operations(checks: Mapping[str, Check]) -> Router:
    """Health and metrics, for supervisors and probes."""

    @get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @get("/health/ready")
    async def ready(state: State) -> Response[dict[str, Any]]:
        names = list(checks)
        results = dict(zip(names, await asyncio.gather(*(_passes(n, checks[n], state) for n in names)), strict=True))
        well = all(results.values())
        body = {"status": "ready" if well else "not_ready", "checks": results}
        return Response(body, status_code=200 if well else 503)

    @get("/metrics")
    async def metrics() -> Response[bytes]:
        return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return Router("/", route_handlers=[live, ready, metrics], include_in_schema=False, opt={"access": PUBLIC})


async def _passes(name: str, check: Check, state: State) -> bool:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            return await check(state)
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the answer of a probe is no
        _log.warning("health_check_failed", check=name, reason=type(error).__name__)
        return False


def _collect_seldom() -> None:
    """Look for cycles among what requests leave behind, not among the modules, and a tenth as often as by default."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def run(app: Litestar, host: str, port: int) -> None:
    """Serve on this address until SIGTERM or SIGINT; open answers get five seconds to end, the exit status is 0."""
    # uvicorn raises the signal again once it has stopped; this is who hears it then.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _collect_seldom()
    uvicorn.run(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=PatientProtocol,
        ws="none",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=20,
        backlog=2048,
    )
