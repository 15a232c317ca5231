"""The table `incidents`: a row an incident, folded from its events as they stand."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.query.exports.rows import IncidentRow
from services.query.incidents import fold
from services.query.incidents.fold import State
from shared.catalogue import CATALOGUE_STREAM, Catalogue
from shared.database import Connection
from shared.events import incident, notification
from shared.events.base import Event
from shared.journal.extract import streams
from shared.journal.read import read_stream
from shared.journal.records import Position, Recorded, StoredEvent
from shared.journal.sealing import Vault, leave_sealed
from shared.life import status_after
from shared.targets.due import worked

_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
#: Fields of a state that name people.
_NAMED: Final = ("requester", "beneficiary", "recorded_by", "responsible")


class Timeline:
    """The catalogue as it was at each position of the journal."""

    def __init__(self, stream: Iterable[Recorded]) -> None:
        self._positions: list[Position] = []
        self._known = [Catalogue()]
        for one in stream:
            self._positions.append(one.position)
            self._known.append(self._known[-1].evolve(one.event))

    def at(self, position: Position) -> Catalogue:
        """With all that was said of it up to a position."""
        return self._known[bisect_right(self._positions, position)]

    @property
    def now(self) -> Catalogue:
        """As it is."""
        return self._known[-1]


class Life(NamedTuple):
    """An incident.

    Attributes:
        created: the first of its events.
        events: all of them.
        state: what it is now.
        firsts: the first event of each kind, with the state after it.
    """

    created: incident.IncidentCreated
    events: Sequence[Recorded]
    state: State
    firsts: Mapping[type[Event], tuple[Recorded, State]]

    def first(self, kind: type[Event]) -> datetime | None:
        """When something of that kind happened first."""
        found = self.firsts.get(kind)
        return found[0].recorded_at if found else None


async def rows(connection: Connection, vault: Vault, page: Sequence[StoredEvent]) -> list[IncidentRow]:
    """The rows of the incidents that a page of creations speaks of."""
    found = await streams(connection, [one.stream_id for one in page])
    timeline = Timeline(leave_sealed(await read_stream(connection, CATALOGUE_STREAM)))
    lives = [lived(leave_sealed(found[one.stream_id])) for one in page]
    people = {person for life in lives for person in _people(life.state)}
    pseudonyms = await vault.pseudonyms(people, connection)
    return [row(life, timeline, pseudonyms) for life in lives]


def lived(events: Sequence[Recorded]) -> Life:
    """Fold the events of an incident.

    Raises:
        ValueError: they do not begin with its creation.
    """
    created, state = events[0].event, None
    firsts: dict[type[Event], tuple[Recorded, State]] = {}
    for one in events:
        if state := fold.evolve(state, one):
            firsts.setdefault(type(one.event), (one, state))
    if not isinstance(created, incident.IncidentCreated) or state is None:
        raise ValueError(f"stream {events[0].stream_id} is no incident's")
    return Life(created, events, state, firsts)


def row(life: Life, timeline: Timeline, pseudonyms: Mapping[UUID, str]) -> IncidentRow:
    """The row of an incident.

    Args:
        life: of the incident.
        timeline: of the catalogue.
        pseudonyms: of the people that it names; who was erased is missing.
    """
    state, known = life.state, timeline.now
    group = known.groups.get(state.group_code or "")
    fields = (
        _people_of(state, pseudonyms) | _last_words(life) | _instants(life) | _durations(life, timeline) | _counts(life)
    )
    return IncidentRow(
        position=life.events[0].position.encode(),
        number=state.number,
        version=state.version,
        status=state.status,
        subject=state.subject,
        subject_label=known.label(state.subject),
        kind=known.kind_of(state.subject),
        group=state.group_code,
        group_label=group.label if group else None,
        urgency=state.urgency,
        origin=state.origin,
        first_subject=life.created.subject,
        follows=life.created.follows,
        **fields,
    )


def _people_of(state: State, pseudonyms: Mapping[UUID, str]) -> dict[str, Any]:
    return {name: pseudonyms.get(getattr(state, name)) for name in _NAMED}


def _people(state: State) -> Iterable[UUID]:
    return filter(None, (getattr(state, name) for name in _NAMED))


def _last_words(life: Life) -> dict[str, Any]:
    """What an event of a kind said, the first or the last one."""
    last: dict[type[Event], Any] = {type(one.event): one.event for one in life.events}
    routed = life.firsts.get(incident.IncidentRouted)
    merged, linked = last.get(incident.IncidentsMerged), last.get(incident.KnownErrorLinked)
    rated = last.get(incident.SatisfactionRated)
    return {
        "first_group": routed[1].group_code if routed else None,
        "merged_into": merged.into.number if merged else None,
        "known_error": linked.known_error if linked else None,
        "rating": rated.rating if rated else None,
    }


def _instants(life: Life) -> dict[str, Any]:
    return {
        "created_at": life.state.recorded_at,
        "routed_at": life.first(incident.IncidentRouted),
        "taken_at": life.first(incident.IncidentTaken),
        "replied_at": life.first(incident.ReplySent),
        "resolved_at": life.first(incident.IncidentResolved),
        "closed_at": life.first(incident.IncidentClosed),
        "cancelled_at": life.first(incident.IncidentCancelled),
        "updated_at": life.state.updated_at,
    }


def _durations(life: Life, timeline: Timeline) -> dict[str, Any]:
    take, take_clock = _duration(life, incident.IncidentTaken, timeline)
    resolve, resolve_clock = _duration(life, incident.IncidentResolved, timeline)
    return {
        "take_minutes": take,
        "take_clock_minutes": take_clock,
        "resolve_minutes": resolve,
        "resolve_clock_minutes": resolve_clock,
        "held_hours": round(_held(life.events) / _HOUR, 2),
    }


def _duration(life: Life, kind: type[Event], timeline: Timeline) -> tuple[int | None, int | None]:
    """Whole minutes from the creation to the first event of a kind: of working time, and by the clock."""
    if kind not in life.firsts:
        return None, None
    one, state = life.firsts[kind]
    at = max(one.recorded_at, state.recorded_at)  # the clocks of hosts may differ a little
    time = worked(state.case, timeline.at(one.position), at)
    return None if time is None else time // _MINUTE, (at - state.recorded_at) // _MINUTE


def _held(events: Sequence[Recorded]) -> timedelta:
    """How long the incident waited, until what ended each wait."""
    total, since = timedelta(), None
    for one in events:
        if isinstance(one.event, incident.IncidentPutOnHold):
            since = since or one.recorded_at
        elif since and status_after(one.event):
            total, since = total + (one.recorded_at - since), None
    return total


def _counts(life: Life) -> dict[str, Any]:
    counts = Counter(type(one.event) for one in life.events)
    return {
        "holds": counts[incident.IncidentPutOnHold],
        "transfers": counts[incident.IncidentTransferred],
        "updates": counts[incident.IncidentUpdated],
        "replies": counts[incident.ReplySent],
        "documents": counts[incident.DocumentAttached],
        "resolutions": counts[incident.IncidentResolved],
        "refusals": counts[incident.ResolutionRefused],
        "reopenings": counts[incident.IncidentReopened],
        "escalations": counts[incident.IncidentEscalated],
        "mails_sent": counts[notification.ConfirmationSent] + counts[notification.NotificationSent],
        "mails_failed": counts[notification.NotificationFailed],
    }
