"""The first page: two doors, what waits for the person, what everybody should know."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

from litestar import Response, get

from services.portal.upstream.http import Refused, ServiceDown
from services.portal.visit import Here
from shared.http.identity import SIGNED_IN
from shared.wire.incidents import IncidentItem

T = TypeVar("T")

_SHOWN: Final = 5
#: Subjects that are asked for most, with the words people use: shown behind each door if the catalogue has them.
_PROBLEMS: Final = {
    "identite.motdepasse": "Mot de passe",
    "messagerie.acces": "Messagerie",
    "poste.impression": "Imprimante",
    "reseau.panne": "Internet coupé",
}
_SERVICES: Final = {
    "poste.logiciel": "Installer un logiciel",
    "reseau.filtrage": "Ouvrir un site filtré",
    "gestion.habilitation": "Demander une habilitation",
}


@get("/", access=SIGNED_IN, include_in_schema=False)
async def home(visit: Here) -> Response[str]:
    """Show the doors; what cannot be had just now is left out and said."""
    mine, news, errors, subjects = await asyncio.gather(
        _or_none(visit.query.incidents(status="open", limit=20)),
        _or_none(visit.query.news()),
        _or_none(visit.query.known_errors()),
        _or_none(visit.site.catalogue.subjects(visit.query)),
    )
    known = {item.subject for item in subjects or []}
    return await visit.page(
        "home.html",
        mine=_most_pressing(mine.items) if mine else None,
        news=news.items[:_SHOWN] if news else [],
        known_errors=errors.items[:_SHOWN] if errors else [],
        problems={code: words for code, words in _PROBLEMS.items() if code in known},
        services={code: words for code, words in _SERVICES.items() if code in known},
    )


def _most_pressing(items: list[IncidentItem]) -> list[IncidentItem]:
    """Those that wait for the person first, otherwise in the order they came in."""
    return sorted(items, key=lambda item: not item.your_turn)[:_SHOWN]


async def _or_none(answer: Awaitable[T]) -> T | None:
    """The answer; None when it cannot be had now: the page is worth showing without it."""
    try:
        return await answer
    except (ServiceDown, Refused):
        return None
