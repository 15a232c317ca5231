"""What is seen of every request from outside: its identifier, a log line, counters. Never its content."""

from __future__ import annotations

import random
import re
import time
from functools import cache
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import Counter, Gauge, Histogram

from shared.http.patience import PatientReceive
from shared.http.problems import Problem
from shared.logs import bind_request, logger

_log = logger(__name__)

REQUESTS: Final = Counter("cecoia_http_requests", "Requests answered.", ["method", "route", "status"])
SECONDS: Final = Histogram("cecoia_http_request_seconds", "Time to answer, in seconds.", ["method", "route"])
RUNNING: Final = Gauge("cecoia_http_requests_running", "Requests being answered.")

_GIVEN: Final = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNLOGGED: Final = ("/health/", "/metrics")
_HEADERS_SIZE: Final = 64 * 1024


class Observation:
    """ASGI wrapper around the whole application, so that unknown addresses are seen too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        bind_request(request_id)
        started = time.perf_counter()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                extra = [(b"x-request-id", request_id.encode()), (b"x-content-type-options", b"nosniff")]
                message["headers"] = [*message.get("headers", ()), *extra]
            await send(message)

        path = scope["path"]
        try:
            with RUNNING.track_inprogress():
                await self._answer(scope, receive, watch)
        finally:
            _record(scope, path, status, time.perf_counter() - started)

    async def _answer(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        if problem := _unreadable(scope):
            await problem.asgi()(scope, receive, send)
            return
        await self._app(scope, PatientReceive(receive), send)


def _unreadable(scope: HTTPScope) -> Problem | None:
    """Why nobody looks at a request. Nothing is inflated here: a few bytes of it could become gigabytes."""
    if sum(len(name) + len(value) for name, value in scope["headers"]) > _HEADERS_SIZE:
        return Problem(431)
    encodings = {value.strip().lower() for name, value in scope["headers"] if name == b"content-encoding"}
    if encodings - {b"identity"}:
        detail = "Ce qui est envoyé ne doit pas être comprimé (Content-Encoding)."
        return Problem(415, detail=detail, headers={"Accept-Encoding": "identity"}, code="encoding")
    return None


def _request_id(scope: HTTPScope) -> str:
    given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
    return given if _GIVEN.match(given) else f"{random.getrandbits(128):032x}"


@cache
def _meters(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Where answers of this kind are counted: looked up once, there are no more of them than routes and statuses."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(method, route)


def _record(scope: HTTPScope, path: str, status: int, seconds: float) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    route = str(scope.get("path_template") or "unknown")
    requests, times = _meters(method, route, status)
    requests.inc()
    times.observe(seconds)
    if not path.startswith(_UNLOGGED):
        _log.info("request_answered", method=method, path=path, status=status, milliseconds=round(seconds * 1000, 1))
