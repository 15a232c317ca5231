"""Known errors that may explain what somebody writes: asked for while they type, shown beside it, never in the way."""

from __future__ import annotations

from typing import Final

from litestar import Response, post

from services.portal.drafts.forms import read_form
from services.portal.upstream.http import Refused, ServiceDown
from services.portal.visit import Here, Visit
from shared.http.identity import SIGNED_IN
from shared.wire.knowledge import KnownErrorItem

#: What is written beyond this tells nothing new.
_READ: Final = 5_000


@post("/erreurs-connues/suggestions", access=SIGNED_IN, include_in_schema=False, status_code=200)
async def suggestions(visit: Here) -> Response[str]:
    """The fragment that the form shows beside what is typed; posted, so that no address holds anybody's words."""
    fields = (await read_form(visit)).fields
    found = await suggested(visit, fields.get("description", ""), fields.get("subject", ""))
    return visit.bare_page("knowledge/suggestions.html", suggested=found)


async def suggested(visit: Visit, text: str, subject: str) -> list[KnownErrorItem]:
    """Known errors that may explain it; none when query cannot say, which must not stop anybody."""
    if not text.strip() and not subject:
        return []
    try:
        return (await visit.query.suggested_errors(text[:_READ], subject[:100])).items
    except (ServiceDown, Refused):
        return []
