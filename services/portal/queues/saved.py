"""The views that an agent saved: shown above the list, kept and taken away by two forms."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from services.portal.drafts.forms import read_form
from services.portal.queues.view import ROOT, View
from services.portal.upstream.http import Refused
from services.portal.visit import Here
from shared.http.identity import AGENTS
from shared.wire.queues import SavedView

_NOT_FOUND, _INVALID = 404, 422
#: Code of the notice, by the field that was refused.
_REFUSED: Final = {"name": "vue-nom", "group": "vue-file"}


def view_of(saved: SavedView) -> View:
    """What a saved view shows."""
    filters = dict(saved.filters)
    answered, hold = filters.pop("your_turn", ""), filters.pop("hold", "")
    return View.of(saved.group or "", {**filters, "wait": "answered" if answered else hold})


@post(f"{ROOT}/vues", access=AGENTS, include_in_schema=False)
async def save_view(visit: Here) -> Redirect:
    """Keep the view that the form stood in under a name; one of the same name is replaced."""
    posted = (await read_form(visit)).fields
    view = View.at(posted.get("vue", ""))
    try:
        await visit.query.save_view(
            posted.get("name", "").strip(), view.group or None, view.asked(), is_default=posted.get("default") == "on"
        )
    except Refused as refusal:
        if refusal.status != _INVALID:
            raise
        fields = [error.field for error in refusal.problem.errors]
        return visit.redirect(
            view.address(avis=next((_REFUSED[one] for one in fields if one in _REFUSED), "vue-refus"))
        )
    return visit.redirect(view.address(avis="vue"))


@post(f"{ROOT}/vues/{{saved:uuid}}/retirer", access=AGENTS, include_in_schema=False)
async def remove_view(visit: Here, saved: FromPath[UUID]) -> Redirect:
    """Forget a view; one that is gone already stays so."""
    view = View.at((await read_form(visit)).fields.get("vue", ""))
    try:
        await visit.query.remove_view(saved)
    except Refused as refusal:
        if refusal.status != _NOT_FOUND:
            raise
    return visit.redirect(view.address(avis="vue-retiree"))
