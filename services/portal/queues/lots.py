"""What was done about several incidents at once, remembered for a while: it is told, done once, and undone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from services.portal.look.typography import counted
from services.portal.visit import Visit
from shared.events.vocabulary import HoldReason
from shared.wire.incidents import IncidentDetail

#: For how long it can be undone, and for how long it is remembered at all.
UNDONE_WITHIN: Final = timedelta(minutes=5)
_KEPT: Final = timedelta(minutes=30)


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """What an incident was like; `taken` says whether somebody had it, `mine` whether it was the agent."""

    group: str | None
    taken: bool
    mine: bool
    hold: HoldReason | None
    hold_until: datetime | None

    @classmethod
    def of(cls, incident: IncidentDetail) -> Before:
        """As it is now."""
        responsible = incident.responsible
        return cls(
            group=incident.group,
            taken=responsible is not None,
            mine=responsible is not None and responsible.is_caller,
            hold=incident.hold,
            hold_until=incident.hold_until,
        )


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one incident.

    Attributes:
        version: its own after the command; 0 where nothing was done.
        before: what it was like; None where nothing was done.
        why: why nothing was done, or what is not as it was before; empty where all went well.
    """

    number: str
    version: int = 0
    before: Before | None = None
    why: str = ""

    @property
    def is_done(self) -> bool:
        """Whether the command was followed."""
        return self.version > 0


class Lot(msgspec.Struct, frozen=True, kw_only=True):
    """One command for several incidents; `undone` is what became of each that was done, once it was undone."""

    id: str
    command: str
    at: datetime
    outcomes: list[Outcome]
    undone: list[Outcome] | None = None

    @property
    def done(self) -> list[Outcome]:
        """Those that the command was followed for."""
        return [outcome for outcome in self.outcomes if outcome.is_done]

    @property
    def complaints(self) -> list[Outcome]:
        """Those about which there is something to say."""
        return [outcome for outcome in (self.outcomes if self.undone is None else self.undone) if outcome.why]

    def can_be_undone(self, now: datetime) -> bool:
        """Whether there is something to undo, and still time."""
        return self.undone is None and bool(self.done) and now - self.at <= UNDONE_WITHIN


#: What was done, to one and to several.
_DONE: Final = {
    "take": ("incident pris en charge", "incidents pris en charge"),
    "transfer": ("incident transféré", "incidents transférés"),
    "hold": ("incident mis en attente", "incidents mis en attente"),
    "resume": ("incident repris", "incidents repris"),
}


def words(lot: Lot) -> str:
    """What became of them, in a sentence."""
    if lot.undone is None:
        return f"{counted(len(lot.done), *_DONE[lot.command])}."
    same = sum(not outcome.why for outcome in lot.undone)
    return f"Annulé\u00a0: {counted(same, 'incident est comme avant', 'incidents sont comme avant')}."


async def find(visit: Visit, lot: str) -> Lot | None:
    """What the person did under this name, while it is remembered."""
    packed = await visit.site.redis.get(_key(visit, lot))
    return msgspec.json.decode(packed, type=Lot) if packed else None


async def keep(visit: Visit, lot: Lot) -> None:
    """Remember it."""
    await visit.site.redis.set(_key(visit, lot.id), msgspec.json.encode(lot), ex=_KEPT)


def _key(visit: Visit, lot: str) -> str:
    return f"portal:lot:{visit.owner}:{lot}"
