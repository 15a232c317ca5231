"""The whole catalogue on one page, who changed what of it, and the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from litestar import Response, get

from services.portal.catalogue import wording
from services.portal.catalogue.calendars import DAYS
from services.portal.catalogue.parts import PARTS
from services.portal.pages.documents import passed_on
from services.portal.visit import Here
from shared.http.identity import SUPERVISORS

#: What the overview says after a form, by the word that stands in the address.
DONE: Final[Mapping[str, str]] = {
    **{part.path: part.saved for part in PARTS.values()},
    "retrait": "C’est retiré. Les incidents qui le portent restent lisibles.",
    "fichier": "Le fichier est appliqué.",
}
_PASSED: Final = ("content-type", "content-disposition")


@get("/catalogue", access=SUPERVISORS, include_in_schema=False)
async def overview(visit: Here) -> Response[str]:
    """Everything that can be changed."""
    return await visit.page(
        "catalogue/overview.html",
        state=await visit.query.catalogue(),
        parts=PARTS,
        days=DAYS,
        done=DONE.get(visit.request.query_params.get("fait", ""), ""),
    )


@get("/catalogue/historique", access=SUPERVISORS, include_in_schema=False)
async def history(visit: Here) -> Response[str]:
    """Who changed what, when and why, newest first; `avant` in the address asks for older ones."""
    before = visit.request.query_params.get("avant", "")
    found = await visit.query.catalogue_history(before=before)
    state = await visit.query.catalogue()
    steps = [(step, wording.told(step.changes, state)) for step in found.items]
    return await visit.page("catalogue/history.html", steps=steps, next=found.next, before=before)


@get("/catalogue/catalogue.toml", access=SUPERVISORS, include_in_schema=False)
async def download(visit: Here) -> Response[Any]:
    """The whole catalogue as a file."""
    return await passed_on(visit.query.catalogue_file(), _PASSED)
