"""What of an incident's life is counted: a pure fold of its events into facts and spells; see docs/decisions/0031."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from msgspec.structs import replace

from services.query.reports.cells import Cell
from shared.catalogue import Catalogue
from shared.events.base import Event
from shared.events.incident import (
    IncidentCreated,
    IncidentPutOnHold,
    IncidentReleased,
    IncidentRouted,
    IncidentTaken,
    IncidentTransferred,
    IncidentUpdated,
    ReplySent,
)
from shared.events.vocabulary import Status
from shared.journal.records import Recorded
from shared.life import LEADS, status_after
from shared.targets import clocks
from shared.targets.clocks import Clocks
from shared.targets.due import Case

_PLACES: Final = (IncidentRouted, IncidentTaken, IncidentReleased, IncidentTransferred)
_SUBJECTS: Final = (IncidentUpdated, IncidentTransferred)


class Moment(msgspec.Struct, frozen=True, array_like=True):
    """When something happened to an incident, and what it counted under then."""

    at: datetime
    cell: Cell


class Link(msgspec.Struct, frozen=True, array_like=True):
    """A known error that explains an incident, and when that was said."""

    known_error: str
    moment: Moment


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """What counts of an incident after some of its events.

    Attributes:
        at: instant of the last event. The clocks of hosts may differ a little: what comes after another event of the
            incident is never taken to have been before it.
        created: its creation, under the group that it was first routed to, once it is.
        resolved: its first resolution, and `worked` the minutes of working time until then.
        taken_by: who took it first.
        spell: version of the event since which it has stood in its status and cell; None while it is not open.
        counts: how many facts of each name there are.
    """

    stream_id: UUID
    version: int
    at: datetime
    status: Status
    cell: Cell
    requester: UUID
    clocks: Clocks
    created: Moment
    resolved: Moment | None = None
    worked: int | None = None
    taken_by: UUID | None = None
    routed: bool = False
    held: bool = False
    replies: int = 0
    links: tuple[Link, ...] = ()
    spell: int | None = None
    counts: Mapping[str, int] = {}

    @property
    def now(self) -> Moment:
        """The last event."""
        return Moment(self.at, self.cell)

    @property
    def case(self) -> Case:
        """What its targets depend on."""
        return Case(self.cell.subject, self.cell.urgency, self.clocks)


def begin(event: IncidentCreated, recorded: Recorded, known: Catalogue) -> Life:
    """An incident that was just created; until it is routed it counts under the group that the catalogue names."""
    kind, group = known.kind_of(event.subject), known.group_of(event.subject) or ""
    cell = Cell(event.subject, group, event.urgency, event.origin, kind)
    return Life(
        stream_id=recorded.stream_id,
        version=recorded.version,
        at=recorded.recorded_at,
        status=LEADS[IncidentCreated],
        cell=cell,
        requester=event.requester.id,
        clocks=clocks.started(recorded.recorded_at),
        created=Moment(recorded.recorded_at, cell),
    )


def move(life: Life, recorded: Recorded, known: Catalogue) -> Life:
    """An incident after one more event, whatever it is; what is counted of it comes after."""
    event, at = recorded.event, max(life.at, recorded.recorded_at)
    return replace(
        life,
        version=recorded.version,
        at=at,
        status=status_after(event) or life.status,
        cell=_cell(life.cell, event, known),
        clocks=clocks.evolve(life.clocks, event, at) or life.clocks,
        held=life.held or isinstance(event, IncidentPutOnHold),
        replies=life.replies + isinstance(event, ReplySent),
    )


def _cell(cell: Cell, event: Event, known: Catalogue) -> Cell:
    if isinstance(event, IncidentUpdated) and event.urgency:
        cell = cell._replace(urgency=event.urgency)
    if isinstance(event, _SUBJECTS) and event.subject:
        cell = cell._replace(subject=event.subject, kind=known.kind_of(event.subject))
    return cell._replace(group_code=event.group) if isinstance(event, _PLACES) else cell
