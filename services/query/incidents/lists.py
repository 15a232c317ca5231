"""Lists of incidents: the tracking view of a person, and the queues of groups."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from services.query.incidents.listing import Listing
from services.query.incidents.search import MATCHES, parameters
from services.query.projections import tracking
from services.query.projections.generations import sql
from services.query.viewer import Viewer
from shared.catalogue import Catalogue
from shared.database import Connection, Record
from shared.events.vocabulary import Kind, Status, Urgency
from shared.life import OPEN, RUNNING
from shared.wire import IncidentItem, IncidentPage, QueueCount, QueuePage, Queues

#: Totals are exact up to here.
COUNTED: Final = 10_000

#: Whose incidents are the reader’s, `$1`: as one of the two sides, or recorded for somebody else.
_OWN: Final = "(i.requester = $1 or i.beneficiary = $1 or (i.recorded_by = $1 and i.recorded_by <> i.requester))"


class _Filter:
    """Conditions of the tracking view's SQL and the values of their parameters; `$1` is the reader."""

    def __init__(self, listing: Listing, viewer: Viewer) -> None:
        self.values: list[Any] = [viewer.person]
        self.conditions = ["$1::uuid is not null"] if listing.everyone else [_OWN]
        self._where("i.group_code = {}", listing.group)
        self._where("i.status = any({})", sorted(listing.statuses))
        self._where("i.subject = any({})", list(listing.subjects))
        if listing.mine:
            self.conditions.append("i.responsible = $1")
        if listing.number:
            self._where("i.number = {}", listing.number)
        elif listing.search:
            self._where(MATCHES, *parameters(listing.search))

    def _where(self, condition: str, *values: Any) -> None:
        if values and values[0]:
            names = [f"${len(self.values) + n}" for n in range(1, len(values) + 1)]
            self.conditions.append(condition.format(*names))
            self.values.extend(values)

    def text(self) -> str:
        return " and ".join(self.conditions)


async def page(connection: Connection, schema: str, listing: Listing, viewer: Viewer) -> IncidentPage:
    """A page of the tracking view, with totals."""
    items, following = await _rows(connection, schema, listing, viewer)
    matching = _Filter(listing, viewer)
    count = _filled(sql(tracking.__file__, schema).count, schema, matching.text(), limit=COUNTED)
    running = sql(tracking.__file__, schema).count_open
    return IncidentPage(
        items=items,
        next=following,
        total=await connection.fetchval(count, *matching.values),
        open=await connection.fetchval(running.replace("{own}", _OWN), viewer.person, sorted(RUNNING)),
    )


async def queue_page(
    connection: Connection, schema: str, listing: Listing, viewer: Viewer, counts: QueueCount
) -> QueuePage:
    """A page of a group's queue."""
    items, following = await _rows(connection, schema, listing, viewer)
    return QueuePage(group=counts.group, label=counts.label, items=items, next=following, counts=counts)


async def queues(connection: Connection, schema: str, groups: Sequence[str], viewer: Viewer) -> Queues:
    """How much waits for these groups, in the order of the catalogue."""
    rows = await connection.fetch(sql(tracking.__file__, schema).queue_counts, list(groups), viewer.person)
    return Queues(
        items=[
            QueueCount(
                group=row["group_code"],
                label=row["label"],
                to_handle=row["to_handle"],
                in_progress=row["in_progress"],
                mine=row["mine"],
                total=row["total"],
                oldest_at=row["oldest_at"],
            )
            for row in rows
        ]
    )


def queues_of(viewer: Viewer, known: Catalogue) -> list[str]:
    """The groups whose queues are the reader's, in the order of the catalogue."""
    return [group for group in known.groups if viewer.answers_for(group)]


async def _rows(
    connection: Connection, schema: str, listing: Listing, viewer: Viewer
) -> tuple[list[IncidentItem], str | None]:
    matching, order = _Filter(listing, viewer), listing.order
    conditions = matching.text()
    if order.after is not None:
        conditions += f" and {order.condition(len(matching.values) + 1)}"
    statement = _filled(sql(tracking.__file__, schema).page, schema, conditions, limit=listing.limit + 1)
    statement = statement.replace("{keys}", order.extra_columns()).replace("{order}", order.order_by())
    rows = await connection.fetch(statement, *matching.values, *(order.after or ()))
    shown = rows[: listing.limit]
    following = order.cursor(shown[-1]) if len(rows) > listing.limit else None
    return [_item(row, viewer) for row in shown], following


def _filled(statement: str, schema: str, conditions: str, *, limit: int) -> str:
    conditions = conditions.replace("{schema}", schema)
    return statement.replace("{conditions}", conditions).replace("{limit}", str(limit))


def _item(row: Record, viewer: Viewer) -> IncidentItem:
    status, urgency = msgspec.convert((row["status"], row["urgency"]), tuple[Status, Urgency])
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
        your_turn=_expected(status, row["last_word"], requester_side=requester_side),
        mine=row["responsible"] == viewer.person,
    )


def _expected(status: Status, last_word: str | None, *, requester_side: bool) -> bool:
    """Whether the next step is the reader's: to confirm or to answer; for agents, to answer what was written."""
    if requester_side:
        return status is Status.RESOLVED or (status is Status.ON_HOLD and last_word == "agent")
    return status in OPEN and last_word == "requester"
