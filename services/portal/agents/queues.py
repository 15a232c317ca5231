"""What agents work from: the queues of their groups, and one queue with an incident open beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from litestar import Response, get
from litestar.params import FromPath

from services.portal.agents.actions import Desk, desk_for
from services.portal.look.typography import NBSP
from services.portal.pages.incident import documents_by_entry
from services.portal.upstream.http import Refused
from services.portal.visit import Here, Visit
from shared import wire
from shared.events.vocabulary import Status
from shared.http.identity import AGENTS

NOT_FOUND: Final = 404
VIEWS: Final = {"": "Tout", "a-prendre": "À prendre en compte", "a-moi": "À moi"}


class Section(NamedTuple):
    """Rows of a queue under one heading."""

    title: str
    rows: list[wire.IncidentItem]


@get("/files", access=AGENTS, include_in_schema=False)
async def queues(visit: Here) -> Response[str]:
    """The queues of the agent's groups, with what waits in each."""
    items = (await visit.query.queues()).items
    return await visit.page("queues.html", queues=items, waited=waited)


@get("/files/{group:str}", access=AGENTS, include_in_schema=False)
async def queue(visit: Here, group: FromPath[str]) -> Response[Any]:
    """What waits for a group, most pressing first, and one incident of it.

    Which one stands in the address: a page that is looked at again shows the same one, whatever is first by then.

    Read from the address: `incident` (number), `vue` (code of `VIEWS`), `suite` (cursor), `avis` (what a form did).
    """
    asked = visit.request.query_params
    number, view, cursor = asked.get("incident", ""), asked.get("vue", ""), asked.get("suite", "")
    waiting = await visit.query.queue(group, cursor=cursor)
    parts = sections(waiting.items, view)
    first = next((part.rows[0].number for part in parts if part.rows), "")
    if first and not number:
        return visit.redirect(f"/files/{quote(group, safe='')}?{urlencode({**dict(asked), 'incident': first})}")
    incident, desk = await _opened(visit, number, asked.get("avis", ""))
    return await visit.page(
        "queue.html",
        queue=waiting,
        sections=parts,
        view=view if view in VIEWS else "",
        views=VIEWS,
        cursor=cursor,
        incident=incident,
        desk=desk,
        entry_documents=documents_by_entry(incident) if incident else {},
        waited=waited,
    )


def sections(items: list[wire.IncidentItem], view: str = "") -> list[Section]:
    """The rows under headings, each in the order they came in; empty headings are left out."""
    untaken = [item for item in items if item.status is Status.TO_HANDLE]
    mine = [item for item in items if item.mine and item.status is not Status.TO_HANDLE]
    others = [item for item in items if not item.mine and item.status is not Status.TO_HANDLE]
    shown = {
        "a-prendre": [Section("À prendre en compte", untaken)],
        "a-moi": [Section("Pris en charge par moi", mine)],
    }.get(
        view,
        [
            Section("À prendre en compte", untaken),
            Section("Pris en charge par moi", mine),
            Section("Pris en charge par mes collègues", others),
        ],
    )
    return [section for section in shown if section.rows]


async def _opened(visit: Visit, number: str, notice: str) -> tuple[wire.IncidentDetail | None, Desk | None]:
    """The incident beside the queue with what one may do about it; nothing where there is none to see."""
    if not number:
        return None, None
    try:
        incident = await visit.query.incident(number)
    except Refused as refusal:
        if refusal.status != NOT_FOUND:
            raise
        return None, None
    return incident, await desk_for(visit, incident, notice)


def waited(since: datetime, now: datetime) -> str:
    """How long ago, in few letters: `12 min`, `1 h 48`, `3 j`."""
    minutes = max(0, int((now - since).total_seconds()) // 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes}{NBSP}min"
    return f"{hours}{NBSP}h{NBSP}{rest:02}" if hours < 24 else f"{hours // 24}{NBSP}j"  # noqa: PLR2004 - a day
