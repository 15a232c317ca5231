"""« Annuler » what was done about several incidents: by the opposite commands, and never over what happened since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec
from litestar import post
from litestar.params import FromPath
from litestar.response import Redirect

from services.portal.agents.sending import Step, send_if
from services.portal.drafts.forms import read_form
from services.portal.drafts.store import BeingSent
from services.portal.queues import lots
from services.portal.queues.bulk import reason
from services.portal.queues.lots import Before, Lot, Outcome
from services.portal.queues.view import ROOT, View, kept
from services.portal.upstream.http import Refused, ServiceDown
from services.portal.visit import Here, Visit
from shared.events.vocabulary import HoldReason
from shared.http.identity import AGENTS
from shared.wire.incidents import IncidentDetail

_SINCE: Final = "il a changé depuis, il est laissé tel quel"
_ASKED: Final = "il n’attend plus le demandeur, à qui la question serait posée une deuxième fois"
_TAKEN: Final = "son responsable est à désigner de nouveau"


class Way(NamedTuple):
    """How to undo a command, and what will not be as it was before; empty where everything will."""

    steps: tuple[Step, ...]
    lacking: str = ""


def way_back(command: str, before: Before) -> Way:
    """The commands that undo one; none where that would ask a requester the same again, or is not possible.

    Args:
        command: what was done.
        before: what the incident was like.
    """
    match command:
        case "take":
            return Way((Step("release"),))
        case "hold":
            return Way((Step("resume"),))
        case "resume":
            held = tuple(_held(before))
            return Way(held, "" if held else _ASKED)
        case _:
            return _returned(before)


def _returned(before: Before) -> Way:
    """Back to the group that it came from, and into the hands that had it, if these were the agent's."""
    moved = Step("transfer", {"group": before.group or ""})
    if before.taken and not before.mine:
        return Way((moved,), _TAKEN)
    steps = (moved, *((Step("take"), *_held(before)) if before.mine else ()))
    return Way(steps, _ASKED if before.hold is HoldReason.REQUESTER else "")


def _held(before: Before) -> Iterator[Step]:
    """On hold again as it was, unless that would ask the requester."""
    if before.hold is not None and before.hold is not HoldReason.REQUESTER:
        until = {"until": before.hold_until.isoformat()} if before.hold_until else {}
        yield Step("hold", {"reason": before.hold.value, **until})


@post(f"{ROOT}/lot/{{lot:str}}/annuler", access=AGENTS, include_in_schema=False)
async def undo(visit: Here, lot: FromPath[str]) -> Redirect:
    """Undo it and tell what is as it was before, and what is not; once, however often it is asked."""
    address = (await read_form(visit)).fields.get("vue", "")
    back, beside = View.at(address), kept(address)
    try:
        async with visit.site.drafts.sending(visit.owner, f"{lot}:annuler"):
            known = await lots.find(visit, lot)
            if known is None or not (known.undone or known.can_be_undone(visit.site.now())):
                return visit.redirect(back.address(**beside, avis="lot-tard"))
            if known.undone is None:
                undone = [await _undone(visit, known, one) for one in known.done]
                await lots.keep(visit, msgspec.structs.replace(known, undone=undone))
    except BeingSent:
        return visit.redirect(back.address(**beside))
    return visit.redirect(back.address(**beside, lot=lot))


async def _undone(visit: Visit, lot: Lot, outcome: Outcome) -> Outcome:
    """What became of one incident that the command was followed for."""
    if outcome.before is None:
        raise ValueError("what was done has something before it")
    way = way_back(lot.command, outcome.before)
    if not way.steps:
        return Outcome(number=outcome.number, why=way.lacking)
    try:
        version = await _walked(visit, outcome, way.steps, f"{lot.id}:annuler")
    except (Refused, ServiceDown) as failure:
        return Outcome(number=outcome.number, why=f"il n’est pas comme avant\u00a0: {reason(failure)}")
    return Outcome(number=outcome.number, version=version, why=way.lacking if version else _SINCE)


async def _walked(visit: Visit, outcome: Outcome, steps: tuple[Step, ...], key: str) -> int:
    """The version at the end of the way; 0 where something happened to the incident before it was begun.

    Only the first step needs the incident as it was left: after it, the others are possible or are refused.
    """
    first, *others = steps
    sent = await send_if(visit, outcome.number, first, key, lambda now: is_untouched(now, outcome.version))
    if sent is None:
        return 0
    version = sent[1]
    for step in others:
        version = (await visit.intake.command(outcome.number, step.command, step.body, key)).version
    return version


def is_untouched(incident: IncidentDetail, version: int) -> bool:
    """Whether nobody, the agent neither, has done anything to the incident since that version."""
    return all(entry.side == "system" for entry in incident.timeline if entry.version > version)
