"""The tracking view: a row an incident, for the lists of requesters, the queues of groups and the search."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from services.query.incidents.fold import CHANGES, SILENT, State, evolve
from services.query.incidents.wording import INTERNAL
from services.query.projections import catalogue, follow_ups, people
from services.query.projections.catalogue import columns
from services.query.projections.generations import Projection, Touched, sql
from services.query.projections.timing import retime, timed
from shared.catalogue import Catalogue
from shared.database import Connection
from shared.events import incident, knowledge, webhook
from shared.events.base import ERASED, Event
from shared.events.catalogue import CatalogueChanged
from shared.events.person import PersonErased
from shared.journal.records import Recorded
from shared.wire.incidents import Change

#: How many characters of an incident can be searched.
SEARCHED: Final = 60_000


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    """What of an incident can be searched; a column each."""

    stream_id: UUID
    names: str
    body: str = ""


async def apply(connection: Connection, schema: str, page: Sequence[Recorded]) -> list[Touched]:
    """Take in one page: read the rows that it concerns once, fold in memory, write them once."""
    statements = sql(__file__, schema)
    known = await catalogue.read(connection, schema)
    ids = list({recorded.stream_id for recorded in page})
    before = {row["stream_id"]: _state(row) for row in await connection.fetch(statements.read_rows, ids)}
    after, texts = fold(before, page, known)
    changed = [state for state in after.values() if before.get(state.stream_id) is not state]
    await catalogue.apply(connection, schema, page, known)
    if changed:
        await connection.execute(statements.write_rows, *_columns(changed))
    if texts:
        await connection.execute(statements.write_texts, *columns(list(texts.values()), Texts), SEARCHED)
    erased = [one.event.person for one in page if isinstance(one.event, PersonErased)]
    await people.apply(connection, schema, page, erased)
    await follow_ups.apply(connection, schema, page)
    if erased:
        await connection.execute(statements.erase_texts, erased)
        await connection.execute(statements.erase_rows, erased, ERASED)
        await connection.execute(statements.erase_names, erased, ERASED)
    events = [recorded.event for recorded in page]
    await retime(connection, schema, events, known.after(events))
    public = {recorded.stream_id for recorded in page if type(recorded.event) not in INTERNAL}
    return [_touched(state, before.get(state.stream_id), public=state.stream_id in public) for state in changed]


def fold(
    before: dict[UUID, State], page: Sequence[Recorded], known: Catalogue
) -> tuple[dict[UUID, State], dict[UUID, Texts]]:
    """What a page makes of the rows.

    Args:
        before: rows of the incidents that the page speaks of, as they stand.
        page: events in order.
        known: the catalogue before the page.

    Returns:
        The rows after it, and the text that each incident got in addition.
    """
    after, texts = dict(before), dict[UUID, Texts]()
    for recorded in page:
        known = known.evolve(recorded.event)
        old = after.get(recorded.stream_id)
        new = evolve(old, recorded)
        if new is None or new is old:
            continue
        after[recorded.stream_id] = timed(new, old, known)
        # Once the requester is erased there is nothing to search; before, there may be nothing left to read already.
        if (text := searched(recorded.event, known)) and new.requester_name != ERASED:
            found = texts.get(new.stream_id) or Texts(stream_id=new.stream_id, names=_names(new))
            texts[new.stream_id] = msgspec.structs.replace(found, body=f"{found.body}{text}\n")
    return after, texts


def searched(event: Event, known: Catalogue) -> str:
    """What of an event can be searched besides names; empty for what requesters may not read."""
    match event:
        case incident.IncidentCreated():
            parts = [event.number, known.label(event.subject), event.description]
        case incident.IncidentUpdated() | incident.IncidentTransferred():
            parts = [event.text or "", known.label(event.subject) if event.subject else ""]
        case incident.DocumentAttached():
            parts = [event.filename]
        case incident.IncidentPutOnHold() | incident.SatisfactionRated():
            parts = [event.text or ""]
        case incident.ReplySent() | incident.IncidentResolved():
            parts = [event.text]
        case incident.ResolutionRefused() | incident.IncidentReopened():
            parts = [event.reason]
        case incident.IncidentClosed() | incident.IncidentCancelled():
            parts = [event.reason or ""]
        case _:
            parts = []
    return "\n".join(part for part in parts if part).replace("\0", " ")


def _names(state: State) -> str:
    """The names that an incident is found by; the same as `erase_names` makes."""
    names = (state.requester_name, state.beneficiary_name)
    return "\n".join(name for name in names if name is not None and name != ERASED)


def _state(row: Any) -> State:
    return msgspec.convert({**row, "clocks": msgspec.json.decode(row["clocks"])}, State)


def _columns(states: Sequence[State]) -> list[list[Any]]:
    """One list a column, for `unnest`; the clocks as JSON."""
    named = dict(zip(State.__struct_fields__, columns(states, State), strict=True))
    named["clocks"] = [msgspec.json.encode(clocks).decode() for clocks in named["clocks"]]
    return list(named.values())


def _touched(state: State, before: State | None, *, public: bool) -> Touched:
    """Whom a change concerns; one that is not public concerns agents alone."""
    own = (state.requester, state.beneficiary, state.recorded_by) if public else ()
    people = (*own, state.responsible)
    groups = (state.group_code, before.group_code if before else None)
    change = Change(number=state.number, version=state.version, status=state.status, group=state.group_code)
    return Touched(change, frozenset(filter(None, people)), frozenset(filter(None, groups)))


TRACKING: Final = Projection(
    name="tracking",
    version=3,
    sources=(catalogue.__file__, people.__file__, follow_ups.__file__, __file__),
    tables=("calendars", "groups", "subjects", "canned_texts", "people", "follow_ups", "incidents", "texts"),
    handles=frozenset({incident.IncidentCreated, *CHANGES, *SILENT, *catalogue.HANDLED, PersonErased}),
    ignores=frozenset({CatalogueChanged, *webhook.ALL, *knowledge.ALL}),
    apply=apply,
)
