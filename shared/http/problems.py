"""Errors as people and programs read them: RFC 9457 problem documents, in French, without internals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, InternalServerException, ValidationException
from litestar.response.base import ASGIResponse

from shared.logs import logger

_log = logger(__name__)

MEDIA_TYPE: Final = "application/problem+json"

#: Status -> (title, what the reader can do about it) where the code that failed has no better words.
_WORDS: Final[dict[int, tuple[str, str]]] = {
    400: ("Requête illisible", "La requête n’a pas pu être lue. Vérifiez sa forme puis renvoyez-la."),
    401: ("Connexion nécessaire", "Connectez-vous puis recommencez."),
    403: ("Action non autorisée", "Votre rôle ne permet pas cette action."),
    404: ("Introuvable", "Cette adresse n’existe pas ou ne vous est pas accessible."),
    405: ("Méthode non prévue", "Cette adresse n’accepte pas cette méthode."),
    408: ("Envoi trop lent", "Ce qui était envoyé n’arrivait plus. Vérifiez votre connexion puis recommencez."),
    409: ("Action impossible", "Cette action n’est pas possible dans l’état actuel."),
    410: ("Effacé", "Ce qui se trouvait à cette adresse a été effacé."),
    412: ("Modifié entre-temps", "L’incident a changé depuis que vous l’avez lu. Relisez-le puis recommencez."),
    413: ("Envoi trop volumineux", "Ce qui a été envoyé dépasse la taille permise."),
    415: ("Format non accepté", "Le format de ce qui a été envoyé n’est pas accepté ici."),
    422: ("Saisie à corriger", "Certaines informations sont manquantes ou incorrectes."),
    429: ("Trop de demandes", "Patientez un instant avant de recommencer."),
    431: ("En-têtes trop longs", "Les en-têtes de la requête sont trop longs."),
    500: ("Erreur interne", "Une erreur est survenue. Elle a été signalée\u202f; réessayez plus tard."),
    503: ("Service momentanément indisponible", "Réessayez dans quelques instants."),
}


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field; nested fields are written `beneficiary.email`."""

    field: str
    message: str


class ProblemDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a problem answer."""

    type: str
    title: str
    status: int
    detail: str
    errors: Sequence[FieldError] = ()


class Problem(Exception):
    """An answer other than success, raised from anywhere below a route.

    Args:
        status: HTTP status.
        title: short French words for this kind of problem; None takes those of the status.
        detail: French sentence for this occurrence; None takes that of the status.
        errors: every bad field.
        headers: extra headers, e.g. `Retry-After` in seconds.
        code: stable word for programs; it ends the `type`.
    """

    def __init__(
        self,
        status: int,
        title: str | None = None,
        detail: str | None = None,
        errors: Sequence[FieldError] = (),
        *,
        headers: Mapping[str, str] | None = None,
        code: str | None = None,
    ) -> None:
        words = _WORDS.get(status, (HTTPStatus(status).phrase, HTTPStatus(status).phrase))
        self.status = status
        self.title = title or words[0]
        self.detail = detail or words[1]
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.code = code
        super().__init__(f"{status} {self.title}")

    def document(self) -> ProblemDocument:
        """The body of the answer."""
        kind = f"urn:cecoia:problem:{self.code}" if self.code else "about:blank"
        return ProblemDocument(type=kind, title=self.title, status=self.status, detail=self.detail, errors=self.errors)

    def response(self) -> Response[bytes]:
        """The whole answer."""
        return Response(self._body(), status_code=self.status, media_type=MEDIA_TYPE, headers=self.headers)

    def asgi(self) -> ASGIResponse:
        """The whole answer, for what stands outside of Litestar."""
        return ASGIResponse(body=self._body(), status_code=self.status, media_type=MEDIA_TYPE, headers=self.headers)

    def _body(self) -> bytes:
        return msgspec.json.encode(self.document())


def invalid(*errors: FieldError, detail: str | None = None) -> Problem:
    """422 for these fields."""
    return Problem(422, detail=detail, errors=errors, code="invalid")


def not_found(detail: str | None = None) -> Problem:
    """404: unknown, or not for this caller; the two look the same from outside."""
    return Problem(404, detail=detail, code="not-found")


def unavailable(seconds: int = 1, detail: str | None = None) -> Problem:
    """503, to be tried again after this many seconds."""
    return Problem(503, detail=detail, headers={"Retry-After": str(seconds)}, code="unavailable")


def _answer_problem(_request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    assert isinstance(error, Problem)  # noqa: S101 - the map below sends nothing else here
    return error.response()


def _answer_library_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """What Litestar refuses by itself: unknown address, wrong method, bad parameter, broken body."""
    assert isinstance(error, HTTPException)  # noqa: S101 - the map below sends nothing else here
    if isinstance(error, ValidationException):
        return invalid(*_parameter_errors(error)).response()
    if isinstance(error, InternalServerException):
        if error.detail == "client disconnected prematurely":
            return Problem(400, detail="L’envoi s’est interrompu avant la fin.", code="cut").response()
        return answer_unexpected(request, error)
    return Problem(error.status_code, headers=error.headers).response()


def _parameter_errors(error: ValidationException) -> list[FieldError]:
    extra = error.extra if isinstance(error.extra, list) else []
    return [FieldError(str(item.get("key", "")), "Cette valeur n’est pas correcte.") for item in extra]


def answer_unexpected(_request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """500 for a fault of ours: logged whole, told to nobody."""
    _log.error("request_failed", error=type(error).__name__, exc_info=error)
    return Problem(500, code="internal").response()


#: What `build_app` gives to Litestar; a service may add handlers for its own errors.
HANDLERS: Final[dict[type[Exception] | int, Any]] = {
    Problem: _answer_problem,
    HTTPException: _answer_library_error,
    Exception: answer_unexpected,
}
