"""« Un message vous confirme la création de votre demande d’assistance »: the page that says so at once."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath

from services.portal.knowledge.suggesting import suggested
from services.portal.pages.recap import recap_of
from services.portal.visit import Here
from shared.http.identity import SIGNED_IN


@get("/incidents/{number:str}/confirmation", access=SIGNED_IN, include_in_schema=False)
async def confirmation(visit: Here, number: FromPath[str]) -> Response[str]:
    """The number, what was recorded, what happens next, how to add to it, and which known error it may come of."""
    recap = await recap_of(visit, number)
    return await visit.page(
        "confirmation.html", recap=recap, suggested=await suggested(visit, recap.description, recap.subject)
    )
