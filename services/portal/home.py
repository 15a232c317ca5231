"""The first page: two doors, what waits for the person, what everybody should know."""

from __future__ import annotations

from litestar import Response, get

from services.portal.visit import Visit
from shared.http.identity import SIGNED_IN


@get("/", access=SIGNED_IN, include_in_schema=False)
async def home(visit: Visit) -> Response[str]:
    """Show the doors."""
    return await visit.page("home.html")
