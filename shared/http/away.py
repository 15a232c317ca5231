"""The answer while the database is away, for services that ask it."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response

from shared.database import AWAY, is_away
from shared.http.problems import answer_unexpected, unavailable


def _answer_away(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """503; a fault of ours is told as one, though asyncpg gives it the class of a lost connection."""
    if not is_away(error):
        return answer_unexpected(request, error)
    return unavailable(1, "La base de données ne répond pas. Réessayez dans quelques instants.").response()


HANDLERS: Final[dict[type[Exception] | int, Any]] = dict.fromkeys(AWAY, _answer_away)
