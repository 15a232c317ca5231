"""One command for several incidents of the list: each is done or not for itself, and the agent is told which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from litestar import post
from litestar.response import Redirect

from services.portal.agents.missed import done_by_others
from services.portal.agents.saying import Unsendable, body_of
from services.portal.agents.sending import Step, send_if
from services.portal.drafts.forms import read_form, whole_number
from services.portal.drafts.receiving import Received
from services.portal.drafts.store import BeingSent, Draft, is_id, new_id
from services.portal.look.typography import lower_first
from services.portal.queues import lots
from services.portal.queues.lots import Before, Lot, Outcome
from services.portal.queues.view import ROOT, View, kept
from services.portal.upstream.http import Refused, ServiceDown
from services.portal.visit import Here, Visit
from shared.http.identity import AGENTS

#: The commands that may be given so: each has an opposite.
COMMANDS: Final = frozenset({"take", "transfer", "hold", "resume"})
#: Begins the name of each row's box, whose value is the version that the agent read.
_BOX: Final = "n-"
_CHANGED: Final = "quelqu’un l’a modifié entre-temps, relisez-le"


@post(f"{ROOT}/lot", access=AGENTS, include_in_schema=False)
async def act_on_several(visit: Here) -> Redirect:
    """Send the command for each chosen incident and tell what became of them; sent twice, the form does it once."""
    posted = (await read_form(visit)).fields
    address, command = posted.get("vue", ""), posted.get("do", "")
    boxes = {name.removeprefix(_BOX): whole_number(value) for name, value in posted.items() if name.startswith(_BOX)}
    chosen = {number: version for number, version in boxes.items() if version is not None}
    if command not in COMMANDS or not chosen:
        return visit.redirect(_back(address, avis="lot-vide", choix=",".join(chosen)))
    form = Draft(id=name if is_id(name := posted.get("draft", "")) else new_id(), form="lot")
    try:
        body = body_of(command, Received(draft=form, posted=posted, problems=[]))
        async with visit.site.drafts.sending(visit.owner, form.id):
            if await lots.find(visit, form.id) is None:
                outcomes = [await _sent(visit, command, body, one, form.id) for one in chosen.items()]
                await lots.keep(visit, Lot(id=form.id, command=command, at=visit.site.now(), outcomes=outcomes))
    except Unsendable as unsendable:
        return visit.redirect(_back(address, avis=f"lot-{unsendable.code}", choix=",".join(chosen)))
    except BeingSent:
        return visit.redirect(_back(address))
    return visit.redirect(_back(address, lot=form.id))


def _back(address: str, **more: str) -> str:
    return View.at(address).address(**kept(address), **more)


async def _sent(visit: Visit, command: str, body: Mapping[str, str], chosen: tuple[str, int], key: str) -> Outcome:
    """What became of one incident, of which the agent read some version."""
    number, read = chosen
    try:
        sent = await send_if(
            visit, number, Step(command, body), key, lambda incident: not done_by_others(incident, read)
        )
    except (Refused, ServiceDown) as failure:
        return Outcome(number=number, why=reason(failure))
    if sent is None:
        return Outcome(number=number, why=_CHANGED)
    incident, version = sent
    return Outcome(number=number, version=version, before=Before.of(incident))


def reason(failure: Refused | ServiceDown) -> str:
    """Why a service said no, or that it said nothing, as the end of a sentence."""
    if isinstance(failure, ServiceDown):
        return "le service n’a pas répondu, relisez-le pour savoir ce qu’il en est"
    problem = failure.problem
    told = [error.message for error in problem.errors] or [problem.detail or "ce n’est pas possible"]
    return lower_first(told[0]).rstrip(".")
