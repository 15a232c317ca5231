"""The reports that a manager saved: kept, renamed and taken away by three forms."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from services.portal.drafts.forms import read_form
from services.portal.reports.choice import ROOT
from services.portal.upstream.http import Refused
from services.portal.visit import Here
from shared.http.identity import MANAGERS
from shared.wire.saved import SavedReport

_NOT_FOUND, _INVALID = 404, 422
#: What the list says after a form that led back to it, by the code that stands in the address.
NOTICES: Final = {
    "garde": "Votre rapport est enregistré.",
    "renomme": "Le rapport a un nouveau nom.",
    "retire": "Le rapport est retiré.",
    "nom": "Rien n’est enregistré\u00a0: donnez un nom court et à lui seul, ou retirez-en un si vous en avez trente.",
}


def address(saved: SavedReport) -> str:
    """The page that shows a saved report."""
    return f"{ROOT}/{saved.report}?{urlencode(saved.params)}"


@post(f"{ROOT}/enregistres", access=MANAGERS, include_in_schema=False)
async def save_report(visit: Here) -> Redirect:
    """Keep the report whose page the form stood in; one of the same name is replaced."""
    posted = (await read_form(visit)).fields
    path, _, params = posted.get("report", "").partition("?")
    asked = visit.query.save_report(
        posted.get("name", "").strip(), path.removeprefix(f"{ROOT}/"), dict(parse_qsl(params))
    )
    return visit.redirect(f"{ROOT}?avis={await _outcome(asked, 'garde')}#enregistres")


@post(f"{ROOT}/enregistres/{{saved:uuid}}/renommer", access=MANAGERS, include_in_schema=False)
async def rename_report(visit: Here, saved: FromPath[UUID]) -> Redirect:
    """Give a saved report another name."""
    name = (await read_form(visit)).fields.get("name", "").strip()
    outcome = await _outcome(visit.query.rename_report(saved, name), "renomme")
    return visit.redirect(f"{ROOT}?avis={outcome}#enregistres")


@post(f"{ROOT}/enregistres/{{saved:uuid}}/retirer", access=MANAGERS, include_in_schema=False)
async def remove_report(visit: Here, saved: FromPath[UUID]) -> Redirect:
    """Forget a saved report; one that is gone already stays so."""
    await read_form(visit)
    outcome = await _outcome(visit.query.remove_report(saved), "retire")
    return visit.redirect(f"{ROOT}?avis={outcome}#enregistres")


async def _outcome(asked: Awaitable[None], done: str) -> str:
    """The notice about what was asked: done, or refused for its name; what is gone needs no change."""
    try:
        await asked
    except Refused as refusal:
        if refusal.status not in {_NOT_FOUND, _INVALID}:
            raise
        return "nom" if refusal.status == _INVALID else "retire"
    return done
