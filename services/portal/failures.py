"""Pages for what went wrong, in French and with a way on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.types import Scope
from redis.exceptions import RedisError

from services.portal.access.session import COOKIE
from services.portal.access.signin import sign_in_address
from services.portal.upstream.http import Refused, ServiceDown, TokenRefused
from services.portal.visit import GUEST, Forbidden, Here, SignInNeeded, Visit
from shared.http.problems import Problem
from shared.logs import current_request, logger

_log = logger(__name__)

_SERVER_FAILED: Final = 500
#: What Litestar says when the browser left before its form had come; nobody is to blame.
_LEFT: Final = "client disconnected prematurely"

#: Status -> (heading, words) of each page.
_WORDS: Final[dict[int, tuple[str, str]]] = {
    400: ("Envoi illisible", "Ce qui a été envoyé n’est pas arrivé en entier. Revenez en arrière et recommencez."),
    403: ("Page non autorisée", "Votre rôle ne donne pas accès à cette page, ou le formulaire venait d’ailleurs."),
    404: ("Page introuvable", "Cette adresse n’existe pas, ou l’incident demandé n’est pas le vôtre."),
    405: ("Page introuvable", "Cette adresse ne s’ouvre pas ainsi."),
    408: ("Envoi trop lent", "Ce qui était envoyé n’arrivait plus. Vérifiez votre connexion puis recommencez."),
    409: ("Action impossible", "L’incident a changé entre-temps. Consultez-le puis recommencez."),
    410: ("Document effacé", "Ce document a été effacé avec les données personnelles de la personne concernée."),
    413: ("Envoi trop volumineux", "Ce qui a été envoyé dépasse la taille permise."),
    429: ("Trop de demandes", "Patientez une minute, puis revenez en arrière et recommencez."),
    500: ("Une erreur est survenue", "Elle a été signalée. Réessayez dans quelques instants."),
    503: (
        "Service momentanément indisponible",
        "Réessayez dans quelques instants. Rien de ce qui est enregistré n’est perdu.",
    ),
}

_SOON: Final = {"Retry-After": "5"}


def failure_page(
    visit: Visit, status: int, words: str | None = None, *, headers: Mapping[str, str] | None = None
) -> Response[str]:
    """The page for this status.

    Args:
        visit: the request.
        status: HTTP status; one without words of its own takes those of its family.
        words: what to say instead of the usual words.
        headers: what goes with it, e.g. `Retry-After` in seconds.
    """
    failed = status >= _SERVER_FAILED
    known = status if status in _WORDS else (_SERVER_FAILED if failed else 404)
    heading, usual = _WORDS[known]
    unread = visit.request.scope["method"] in {"GET", "HEAD"}
    return visit.bare_page(
        "error.html",
        status_code=status,
        headers=headers,
        status=status,
        heading=heading,
        words=words or usual,
        again=visit.address if failed and unread else None,
        request_id=current_request() if failed else None,
    )


def _of(request: Request[Any, Any, Any]) -> Visit:
    """The visit of a request, or that of a stranger where none was made (the session could not be read)."""
    visit = getattr(request.state, "visit", None)
    return visit if isinstance(visit, Visit) else Visit(request, request.app.state.site, None)


def _sign_in(request: Request[Any, Any, Any], error: SignInNeeded) -> Response[Any]:
    kept = {"conserve": "oui"} if error.kept else {}
    return _of(request).redirect(sign_in_address(error.return_to, **kept), {"Cache-Control": "no-store"})


def _token_refused(request: Request[Any, Any, Any], _error: TokenRefused) -> Response[Any]:
    visit = _of(request)
    if visit.is_outrun:
        return visit.redirect(visit.return_to)
    visit.forget_cookie(COOKIE)
    return visit.redirect(sign_in_address(visit.return_to))


async def look_for_other_tokens(error: Exception, scope: Scope) -> None:
    """After a refused token: see whether the session has other tokens by now, so that nobody is signed out for it."""
    visit = scope.get("state", {}).get("visit")
    if not isinstance(error, TokenRefused) or not isinstance(visit, Visit) or visit.session is None:
        return
    try:
        stored = await visit.site.sessions.load(visit.name)
    except RedisError as away:
        _log.error("redis_down", reason=type(away).__name__)
        return
    visit.is_outrun = stored is not None and stored.access_token != visit.session.access_token


def _forbidden(request: Request[Any, Any, Any], error: Forbidden) -> Response[Any]:
    _log.warning("request_forbidden", reason=str(error))
    return failure_page(_of(request), 403)


def _refused(request: Request[Any, Any, Any], error: Refused) -> Response[Any]:
    return failure_page(_of(request), error.status, error.problem.detail or None)


def _down(request: Request[Any, Any, Any], error: ServiceDown) -> Response[Any]:
    _log.warning("service_down", service=error.service)
    return failure_page(_of(request), 503, headers=_SOON)


def _redis_down(request: Request[Any, Any, Any], error: RedisError) -> Response[Any]:
    _log.error("redis_down", reason=type(error).__name__)
    return failure_page(_of(request), 503, headers=_SOON)


def _problem(request: Request[Any, Any, Any], error: Problem) -> Response[Any]:
    """What the shared pieces refuse, a limit for one."""
    return failure_page(_of(request), error.status, headers=error.headers)


def _library(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What Litestar refuses by itself: unknown address, wrong method, bad parameter, broken body."""
    if error.status_code < _SERVER_FAILED:
        return failure_page(_of(request), error.status_code)
    return failure_page(_of(request), 400) if error.detail == _LEFT else _unexpected(request, error)


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    _log.error("request_failed", error=type(error).__name__, exc_info=error)
    return failure_page(_of(request), 500)


HANDLERS: Final[dict[type[Exception] | int, Any]] = {
    SignInNeeded: _sign_in,
    TokenRefused: _token_refused,
    Forbidden: _forbidden,
    Refused: _refused,
    ServiceDown: _down,
    RedisError: _redis_down,
    Problem: _problem,
    HTTPException: _library,
    Exception: _unexpected,
}


@get("/{rest:path}", access=GUEST, include_in_schema=False)
async def unknown(visit: Here, rest: FromPath[Path]) -> Response[str]:  # noqa: ARG001 - any address that no page has
    """Say that there is no such page, inside the usual menu."""
    heading, words = _WORDS[404]
    return await visit.page(
        "error.html", status_code=404, status=404, heading=heading, words=words, again=None, request_id=None
    )
