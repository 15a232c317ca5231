"""« Prendre le suivant »: the most pressing incident of a view that nobody has yet becomes the agent's."""

from __future__ import annotations

from typing import Final

from litestar import post
from litestar.response import Redirect

from services.portal.drafts.forms import read_form
from services.portal.drafts.store import BeingSent, Draft, is_id, new_id
from services.portal.queues.view import ROOT, View
from services.portal.upstream.http import Refused
from services.portal.visit import Here, Visit
from shared.http.identity import AGENTS

#: How many rows are asked for at once, and how often: colleagues may take all of the first while one tries.
_ROWS: Final = 20
_PAGES: Final = 5
#: Somebody was faster, or it is not the agent's to take: the next one.
_NEXT: Final = frozenset({403, 404, 409, 412})


@post(f"{ROOT}/suivant", access=AGENTS, include_in_schema=False)
async def claim_next(visit: Here) -> Redirect:
    """Take the next one and open it beside the same view; a form that is sent twice takes one."""
    posted = (await read_form(visit)).fields
    view, key = View.at(posted.get("vue", "")), posted.get("draft", "")
    form = Draft(id=key if is_id(key) else new_id(), form="suivant")
    try:
        async with visit.site.drafts.sending(visit.owner, form.id):
            number = await _once(visit, view, form)
    except BeingSent:
        return visit.redirect(view.address())
    return visit.redirect(view.address(incident=number, avis="take" if number else "rien"))


async def _once(visit: Visit, view: View, form: Draft) -> str:
    """What this form took; empty where nothing was left."""
    if sent := await visit.site.drafts.sent(visit.owner, form.id):
        return sent.number
    if number := await _claim(visit, view, form.id):
        await visit.site.drafts.mark_sent(visit.owner, form, number)
    return number


async def _claim(visit: Visit, view: View, key: str) -> str:
    """Try one after the other, most pressing first; what is said of those that somebody has does not count."""
    asked = view.but(status="to_handle", responsible="", wait="", sort="pressing").asked()
    cursor = ""
    for _ in range(_PAGES):
        page = await visit.query.queue(view.group, asked, limit=_ROWS, cursor=cursor)
        for item in page.items:
            if await _take(visit, item.number, key):
                return item.number
        if page.next is None:
            break
        cursor = page.next
    return ""


async def _take(visit: Visit, number: str, key: str) -> bool:
    """Whether the incident is the agent's now."""
    try:
        await visit.intake.command(number, "take", {}, key)
    except Refused as refusal:
        if refusal.status not in _NEXT:
            raise
        return False
    return True
