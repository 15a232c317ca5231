"""What agents work from: the queues of their groups, and one queue with an incident open beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from litestar import Response, get
from litestar.params import FromPath

from services.portal.agents.actions import NOT_DONE, Desk, desk_for
from services.portal.agents.saying import groups_of
from services.portal.drafts.store import new_id
from services.portal.pages.incident import documents_by_entry
from services.portal.queues import lots
from services.portal.queues import view as choices
from services.portal.queues.saved import view_of
from services.portal.queues.view import ALL, ROOT, View
from services.portal.upstream.http import Refused
from services.portal.visit import Here, Visit
from shared.events.vocabulary import Status
from shared.http.identity import AGENTS
from shared.typography import NBSP
from shared.wire.incidents import IncidentDetail, IncidentItem
from shared.wire.queues import QueuePage

#: What the list says after a form that led back to it, by the code that stands in the address.
NOTICES: Final = {
    **{f"lot-{code}": NOT_DONE[code] for code in ("destination", "attente", "date")},
    "lot-vide": "Rien n’est fait\u00a0: choisissez des incidents et ce qu’il faut en faire.",
    "lot-tard": "Rien n’est annulé\u00a0: il est trop tard.",
    "rien": "Il n’y a plus rien à prendre ici.",
    "vue": "Votre vue est enregistrée.",
    "vue-retiree": "La vue est retirée.",
    "vue-nom": "La vue n’est pas enregistrée\u00a0: donnez-lui un nom court, ou retirez-en une si vous en avez trente.",
    "vue-file": "La vue n’est pas enregistrée\u00a0: cette file n’est plus la vôtre.",
    "vue-refus": "La vue n’est pas enregistrée\u00a0: ses filtres ne sont plus possibles.",
}
NOT_FOUND: Final = 404
#: Stands for the page that follows where rows are named by number.
NEXT: Final = "next"
#: How many rows a page of the list has.
SIZE: Final = 50


class Section(NamedTuple):
    """Rows of a queue under one heading."""

    title: str
    rows: list[IncidentItem]


@get(ROOT, access=AGENTS, include_in_schema=False)
async def queues(visit: Here) -> Response[Any]:
    """The queues of the agent's groups, with what waits in each; or the view that they chose to begin with.

    Read from the address: `apercu`, which asks for the queues all the same.
    """
    items = (await visit.query.queues()).items
    if "apercu" not in visit.request.query_params:
        groups = {item.group for item in items}
        for saved in await visit.query.views():
            if saved.is_default and (saved.group is None or saved.group in groups):
                return visit.redirect(view_of(saved).address())
    return await visit.page("queues.html", queues=items, waited=waited)


@get(f"{ROOT}/{ALL}", access=AGENTS, include_in_schema=False)
async def all_queues(visit: Here) -> Response[Any]:
    """What waits for any of the agent's groups; as `queue`."""
    return await _console(visit, View.of(ALL, visit.request.query_params))


@get(f"{ROOT}/{{group:str}}", access=AGENTS, include_in_schema=False)
async def queue(visit: Here, group: FromPath[str]) -> Response[Any]:
    """What waits for a group, most pressing first, and one incident of it.

    Which one stands in the address: a page that is looked at again shows the same one, whatever is first by then.

    Read from the address: the filters of `View`, `incident` (number), `suite` (cursor), `avis` (what a form did),
    `choix` (the rows that are chosen), `lot` (what was done about several).
    """
    return await _console(visit, View.of(group, visit.request.query_params))


async def _console(visit: Visit, view: View) -> Response[Any]:
    given = visit.request.query_params
    number, cursor, notice, choice, lot = (
        given.get(name, "") for name in ("incident", "suite", "avis", "choix", "lot")
    )
    waiting = await _asked(visit, view, cursor)
    if waiting is None:
        return visit.redirect(view.address())
    parts = sections(waiting.items, view)
    first = next((part.rows[0].number for part in parts), "")
    if first and not number:
        return visit.redirect(view.address(incident=first, suite=cursor, avis=notice, choix=choice, lot=lot))
    incident, desk = await _opened(visit, number, notice)
    subjects = await visit.site.catalogue.subjects(visit.query)
    done = await lots.find(visit, lot) if lot else None
    return await visit.page(
        "queue.html",
        queue=waiting,
        sections=parts,
        view=view,
        choices=choices,
        views=[(saved, view_of(saved)) for saved in await visit.query.views()],
        subjects=subjects,
        groups=groups_of(subjects),
        choice=choice,
        lot=done,
        lot_words=lots.words(done) if done else "",
        shown=view.address(incident=number, suite=cursor),
        cursor=cursor,
        notice=NOTICES.get(notice, ""),
        claim=new_id(),
        keys=keys_of([row.number for part in parts for row in part.rows], number),
        incident=incident,
        desk=desk,
        entry_documents=documents_by_entry(incident) if incident else {},
        waited=waited,
    )


async def _asked(visit: Visit, view: View, cursor: str) -> QueuePage | None:
    """The rows; None when the cursor does not belong to this list any more."""
    try:
        return await visit.query.queue(view.group, view.asked(), cursor=cursor, limit=SIZE)
    except Refused as refusal:
        if cursor and refusal.status != NOT_FOUND:
            return None
        raise


def sections(items: list[IncidentItem], view: View) -> list[Section]:
    """The rows under headings, each in the order they came in; empty headings are left out.

    What was chosen or ordered otherwise stands together: headings would tear its order apart.
    """
    if view.filters:
        found = [Section("Trouvés" if view.is_narrow else "Tous", items)]
    else:
        taken = [item for item in items if item.status is not Status.TO_HANDLE]
        found = [
            Section("À prendre en compte", [item for item in items if item.status is Status.TO_HANDLE]),
            Section("Pris en charge par moi", [item for item in taken if item.mine]),
            Section("Pris en charge par mes collègues", [item for item in taken if not item.mine]),
        ]
    return [section for section in found if section.rows]


def keys_of(numbers: list[str], current: str) -> dict[str, str]:
    """The key that leads to each neighbour of the open incident; past the last row, to the page that follows."""
    if current not in numbers:
        return dict.fromkeys(numbers[:1], "j")
    at = numbers.index(current)
    following = numbers[at + 1] if at + 1 < len(numbers) else NEXT
    return {following: "j"} | ({numbers[at - 1]: "k"} if at else {})


async def _opened(visit: Visit, number: str, notice: str) -> tuple[IncidentDetail | None, Desk | None]:
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
