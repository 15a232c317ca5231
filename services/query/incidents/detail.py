"""The page of an incident: a pure fold of its own events, so that any earlier instant is a shorter list of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from services.query.incidents.fold import State, evolve
from services.query.incidents.timeline import tell
from services.query.knowledge.beside import NOTHING, Beside
from services.query.projections.timing import due_times
from services.query.related import UNRELATED, Related
from services.query.viewer import Viewer
from shared.catalogue import Catalogue
from shared.events.base import Person
from shared.events.incident import (
    DuplicatesAdded,
    IncidentClosed,
    IncidentCreated,
    IncidentRouted,
    IncidentTaken,
    IncidentTransferred,
    IncidentUpdated,
    SatisfactionRated,
)
from shared.events.vocabulary import RATINGS
from shared.journal.records import Recorded
from shared.life import giver_after
from shared.permits import Party, Place, can_be_followed, is_old, possible
from shared.wire.incidents import IncidentDetail, Opinion, PersonItem


class Facts(NamedTuple):
    """What the page needs and the lists do not.

    Attributes:
        closed_at: when it was closed last.
        given_by: who transferred it to the group where it waits since.
        rated: the last opinion that was given of it.
    """

    created: IncidentCreated
    phone: str
    availability: str
    routing_why: str | None
    responsible: Person | None
    closed_at: datetime | None
    given_by: UUID | None = None
    rated: SatisfactionRated | None = None


class Present(NamedTuple):
    """What the commands that are possible now depend on besides the incident.

    Attributes:
        at: now.
        reopening: for how long an incident that was closed may be opened again.
    """

    at: datetime
    reopening: timedelta


def fold(events: Sequence[Recorded]) -> State | None:
    """The incident after these events; None where they create none."""
    state: State | None = None
    for recorded in events:
        state = evolve(state, recorded)
    return state


def _facts(events: Sequence[Recorded]) -> Facts:
    facts: Facts | None = None
    given_by: UUID | None = None
    for recorded in events:
        given_by = giver_after(recorded.event, given_by)
        match recorded.event:
            case IncidentCreated() as created:
                facts = Facts(created, created.phone, created.availability, None, None, None)
            case IncidentUpdated(phone=phone, availability=availability) if facts:
                facts = facts._replace(
                    phone=facts.phone if phone is None else phone,
                    availability=facts.availability if availability is None else availability,
                )
            case IncidentRouted(why=why) if facts:
                facts = facts._replace(routing_why=why)
            case IncidentTransferred() if facts:
                facts = facts._replace(routing_why=None)
            case IncidentTaken(by=by) if facts:
                facts = facts._replace(responsible=by)
            case IncidentClosed() if facts:
                facts = facts._replace(closed_at=recorded.recorded_at)
            case SatisfactionRated() as rated if facts:
                facts = facts._replace(rated=rated)
            case _:
                pass
    if facts is None:
        raise ValueError("no incident was created by these events")
    return facts._replace(given_by=given_by)


def build(
    events: Sequence[Recorded],
    viewer: Viewer,
    known: Catalogue,
    present: Present | None = None,
    related: Related = UNRELATED,
    *,
    beside: Beside = NOTHING,
) -> IncidentDetail:
    """Everything that the page of an incident shows.

    Args:
        events: the incident's, in order, the creation first.
        viewer: who reads; they may see the incident.
        known: for the labels.
        present: given when the events are all there are; commands are offered only then.
        related: other incidents that it has to do with now.
        beside: what publications say.

    Raises:
        ValueError: the events create no incident.
    """
    facts, state = _facts(events), fold(events)
    if state is None:
        raise ValueError("no incident was created by these events")
    created = facts.created
    timeline, documents = tell(events, viewer, known)

    def item(person: Person | None) -> PersonItem | None:
        return None if person is None else _item(person, state, viewer)

    takes_part = state.concerns(viewer.person)
    place = _place(facts, state, present) if present else None
    responsible = facts.responsible if state.responsible else None
    return IncidentDetail(
        number=state.number,
        version=state.version,
        subject=state.subject,
        subject_label=known.label(state.subject),
        kind=known.kind_of(state.subject),
        status=state.status,
        status_label=state.status.label,
        hold=state.hold,
        hold_label=state.hold.label if state.hold else None,
        hold_until=state.hold_until,
        urgency=state.urgency,
        urgency_label=state.urgency.label,
        origin=state.origin,
        origin_label=state.origin.label,
        requester=_item(created.requester, state, viewer),
        beneficiary=item(created.beneficiary),
        recorded_by=_item(created.recorded_by, state, viewer),
        responsible=item(responsible),
        group=state.group_code,
        group_label=known.group_label(state.group_code) if state.group_code else None,
        routing_why=facts.routing_why,
        phone=facts.phone,
        availability=facts.availability,
        description=created.description,
        recorded_at=state.recorded_at,
        updated_at=state.updated_at,
        timeline=timeline,
        documents=documents,
        news=list(beside.news),
        known_errors=list(beside.known_errors),
        suggested_errors=list(beside.suggested),
        actions=_actions(place, state, viewer) if place else [],
        takes_part=takes_part,
        merged_into=related.leader,
        duplicates=_duplicates(events) if viewer.is_agent else [],
        follows=related.former,
        followed_by=list(related.later),
        can_be_followed=place is not None and can_be_followed(place),
        opinion=_opinion(facts.rated) if facts.rated else None,
        **(due_times(state.case, known) if viewer.is_agent else {}),
    )


def _opinion(event: SatisfactionRated) -> Opinion:
    return Opinion(rating=event.rating, label=RATINGS[event.rating], text=event.text)


def _duplicates(events: Sequence[Recorded]) -> list[str]:
    added = (recorded.event for recorded in events)
    return [tie.number for event in added if isinstance(event, DuplicatesAdded) for tie in event.duplicates]


def _place(facts: Facts, state: State, present: Present) -> Place:
    old = is_old(facts.closed_at, present.at, present.reopening)
    return Place(state.status, state.group_code, state.responsible, old, facts.given_by)


def _actions(place: Place, state: State, viewer: Viewer) -> list[str]:
    """Commands that the reader may send now: intake would not refuse them."""
    caller = viewer.caller
    party = Party(
        person=viewer.person,
        own=state.is_own(viewer.person),
        concerned=state.concerns(viewer.person),
        agent=caller.is_agent,
        supervisor=caller.is_supervisor,
        groups=caller.groups,
    )
    return possible(place, party)


def _item(person: Person, state: State, viewer: Viewer) -> PersonItem:
    """Somebody on the page; addresses of the assistance are not shown to the requester's side."""
    shown = viewer.is_agent or state.concerns(person.id)
    return PersonItem(name=person.name, email=person.email if shown else None, is_caller=person.id == viewer.person)
