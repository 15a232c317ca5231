"""« Un message vous confirme la création de votre demande d’assistance »: the page that says so at once."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath

from services.portal.pages.recap import recap_of
from services.portal.visit import Here
from shared.http.identity import SIGNED_IN


@get("/incidents/{number:str}/confirmation", access=SIGNED_IN, include_in_schema=False)
async def confirmation(visit: Here, number: FromPath[str]) -> Response[str]:
    """The number, what was recorded, what happens next, and how to add to it."""
    return await visit.page("confirmation.html", recap=await recap_of(visit, number))
