"""Short pages that the foot of each page leads to."""

from __future__ import annotations

from typing import Final

from litestar import Response, get

from services.portal.visit import GUEST, Here

TEMPLATES: Final = {
    "/aide": "aide.html",
    "/accessibilite": "accessibilite.html",
    "/donnees": "donnees.html",
    "/plan": "plan.html",
}


@get(list(TEMPLATES), access=GUEST, include_in_schema=False)
async def information(visit: Here) -> Response[str]:
    """One of these pages, for everybody."""
    return await visit.page(f"information/{TEMPLATES[visit.request.url.path.rstrip('/')]}")
