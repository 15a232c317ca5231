"""Lists of incidents: the tracking view of a person, and the queues of groups."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from services.query.incidents import rows
from services.query.incidents.listing import Listing
from services.query.incidents.selection import OWN
from services.query.projections import tracking
from services.query.projections.generations import sql
from services.query.viewer import Viewer
from shared.catalogue import Catalogue
from shared.database import Connection, Record
from shared.events.vocabulary import HoldReason, Kind, Status, Urgency
from shared.life import OPEN, RUNNING
from shared.wire.incidents import IncidentItem, IncidentPage
from shared.wire.queues import QueueCount, QueuePage, Queues

#: A row of the tracking view, read from it or made up for the past.
Row: TypeAlias = Record | Mapping[str, Any]

#: What of a row the requester's side is not told.
_DUES: Final = ("take_due_at", "resolve_due_at", "due_at", "late")


async def page(connection: Connection, schema: str, listing: Listing, viewer: Viewer) -> IncidentPage:
    """A page of the tracking view, with totals."""
    found = await rows.find(connection, schema, listing, viewer)
    items, following = _shown(found, listing, viewer)
    total = await rows.count(connection, schema, listing, found)
    running = sql(tracking.__file__, schema).count_open.replace("{own}", OWN)
    return IncidentPage(
        items=items,
        next=following,
        total=total.number,
        at_least=total.at_least,
        open=await connection.fetchval(running, viewer.person, sorted(RUNNING), rows.COUNTED),
    )


async def queue_page(
    connection: Connection, schema: str, listing: Listing, viewer: Viewer, counts: QueueCount
) -> QueuePage:
    """A page of what waits for one group, or for several together."""
    found = await rows.find(connection, schema, listing, viewer)
    items, following = _shown(found, listing, viewer)
    total = await rows.count(connection, schema, listing, found)
    return QueuePage(
        group=counts.group,
        label=counts.label,
        items=items,
        next=following,
        total=total.number,
        at_least=total.at_least,
        counts=counts,
    )


async def queues(connection: Connection, schema: str, groups: Sequence[str], viewer: Viewer) -> Queues:
    """How much waits for these groups, in the order of the catalogue."""
    counts = await connection.fetch(sql(tracking.__file__, schema).queue_counts, list(groups), viewer.person)
    return Queues(
        items=[
            QueueCount(
                group=row["group_code"],
                label=row["label"],
                to_handle=row["to_handle"],
                in_progress=row["in_progress"],
                mine=row["mine"],
                total=row["total"],
                late=row["late"],
                oldest_at=row["oldest_at"],
            )
            for row in counts
        ]
    )


def together(counts: Sequence[QueueCount]) -> QueueCount:
    """How much waits for several groups in all."""
    waiting = [count.oldest_at for count in counts if count.oldest_at]
    return QueueCount(
        group=None,
        label="Toutes mes files",
        to_handle=sum(count.to_handle for count in counts),
        in_progress=sum(count.in_progress for count in counts),
        mine=sum(count.mine for count in counts),
        total=sum(count.total for count in counts),
        late=sum(count.late for count in counts),
        oldest_at=min(waiting, default=None),
    )


def queues_of(viewer: Viewer, known: Catalogue) -> list[str]:
    """The groups whose queues are the reader's, in the order of the catalogue."""
    return [group for group in known.groups if viewer.answers_for(group)]


def _shown(found: rows.Found, listing: Listing, viewer: Viewer) -> tuple[list[IncidentItem], str | None]:
    """The items of a page, and the cursor of the next one."""
    shown = found.rows[: listing.limit]
    following = listing.order.cursor(shown[-1]) if len(found.rows) > listing.limit else None
    return [item(row, viewer) for row in shown], following


def item(row: Row, viewer: Viewer) -> IncidentItem:
    """A row of the tracking view as somebody is shown it."""
    status, urgency, hold = msgspec.convert(
        (row["status"], row["urgency"], row["hold"]), tuple[Status, Urgency, HoldReason | None]
    )
    requester_side = viewer.person in {row["requester"], row["beneficiary"]} or not viewer.is_agent
    marks = "agent_marks" if requester_side else "requester_marks"
    return IncidentItem(
        number=row["number"],
        version=row["version"],
        subject=row["subject"],
        subject_label=row["subject_label"] or row["subject"],
        kind=msgspec.convert(row["kind"] or Kind.INCIDENT, Kind),
        status=status,
        status_label=status.label,
        urgency=urgency,
        urgency_label=urgency.label,
        excerpt=row["excerpt"],
        recorded_at=row["recorded_at"],
        updated_at=row["updated_at"],
        requester=row["requester_name"],
        beneficiary=row["beneficiary_name"],
        responsible=row["responsible_name"],
        group=row["group_code"],
        group_label=row["group_label"] or row["group_code"],
        documents=row["documents"],
        unread=max(0, row[marks] - row[f"seen_{marks}"]),
        your_turn=_expected(status, row, requester_side=requester_side),
        mine=row["responsible"] == viewer.person,
        hold=hold,
        hold_until=row["hold_until"],
        **({} if requester_side else {name: row[name] for name in _DUES}),
    )


def _expected(status: Status, row: Row, *, requester_side: bool) -> bool:
    """Whether the next step is the reader's: to confirm or to answer; for agents, to answer what was written."""
    if requester_side:
        return status is Status.RESOLVED or row["hold"] == HoldReason.REQUESTER
    return status in OPEN and row["last_word"] == "requester"
