"""« Apparence et raccourcis »: kept in the browser, so that each device has its own."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, get, post

from services.portal.drafts.forms import read_form
from services.portal.look.appearance import SHORTCUTS_COOKIE, THEME_COOKIE, THEMES
from services.portal.visit import GUEST, Here

_YEAR: Final = 365 * 86400


@get("/preferences", access=GUEST, include_in_schema=False)
async def preferences_page(visit: Here) -> Response[str]:
    """What can be chosen, and what is."""
    saved = "enregistre" in visit.request.query_params
    return await visit.page("preferences.html", themes=THEMES, saved=saved)


@post("/preferences", access=GUEST, include_in_schema=False)
async def keep_preferences(visit: Here) -> Response[Any]:
    """Keep the choice."""
    fields = (await read_form(visit)).fields
    theme = fields.get("theme", "system")
    visit.set_cookie(THEME_COOKIE, theme if theme in THEMES else "system", _YEAR)
    visit.set_cookie(SHORTCUTS_COOKIE, "on" if fields.get("shortcuts") == "on" else "off", _YEAR)
    return visit.redirect("/preferences?enregistre=oui")
