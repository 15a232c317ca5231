"""Filters, orders and cursors of the live queues, for incidents as they were: the same words, on states in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from operator import gt, lt
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from services.query.incidents.cursors import Order
from services.query.incidents.fold import REQUESTER, State
from services.query.incidents.listing import ME, Listing
from services.query.viewer import Viewer
from shared.catalogue import Catalogue
from shared.events.vocabulary import Status, Urgency
from shared.http.problems import FieldError, invalid
from shared.life import OPEN

#: Where what is due never comes.
_NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
_STATUSES: Final = {status: rank for rank, status in enumerate(Status)}
#: 0 is the most pressing.
_PRESSING: Final = {urgency: rank for rank, urgency in enumerate(reversed(Urgency))}

#: In whose hands, by the word of the parameter.
_HANDS: Final[Mapping[str | None, Callable[[State, Viewer], bool]]] = {
    None: lambda _, __: True,
    ME: lambda state, viewer: state.responsible == viewer.person,
    "nobody": lambda state, _: state.responsible is None,
    "others": lambda state, viewer: state.responsible not in {None, viewer.person},
}


#: The keys of the orders (see `cursors.SORTS`), by their names.
_KEYS: Final[Mapping[str, Callable[[State, Catalogue], Any]]] = {
    "updated_at": lambda state, _: state.updated_at,
    "recorded_at": lambda state, _: state.recorded_at,
    "number_rank": lambda state, _: _rank(state.number),
    "urgency_rank": lambda state, _: -_PRESSING[state.urgency],
    "status_rank": lambda state, _: _STATUSES[state.status],
    "subject_order": lambda state, known: known.label(state.subject).lower(),
    "due_order": lambda state, _: _utc(state.due_at) or _NEVER,
    "pressing": lambda state, _: _PRESSING[state.urgency],
    "stream_id": lambda state, _: state.stream_id,
}

#: The keys of a row, in the order of a list; the last one is the row's own identifier.
Place: TypeAlias = tuple[Any, ...]


class Found(NamedTuple):
    """The places of a page's rows and of all that follow, in order, and how many rows all pages have together."""

    places: list[Place]
    total: int


def check(listing: Listing) -> None:
    """Make sure that a listing asks for what can be found in the past.

    Raises:
        Problem: 422 naming every filter that cannot.
    """
    errors = []
    if listing.search and not listing.number:
        errors.append(FieldError("q", "Dans le passé, seul un numéro d’incident peut être cherché."))
    if not listing.statuses <= OPEN:
        words = ", ".join(status for status in Status if status in OPEN)
        errors.append(FieldError("status", f"Dans le passé, les valeurs possibles sont : {words}."))
    if errors:
        raise invalid(*errors)


def select(states: Iterable[State], listing: Listing, viewer: Viewer, known: Catalogue) -> Found:
    """What a listing asks for, after its cursor.

    Args:
        states: incidents that were open, with their due times.
        listing: filters, order and cursor.
        viewer: who reads.
        known: the catalogue of then.
    """
    order, keys = listing.order, [_KEYS[key.name] for key in listing.order.keys]
    chosen = [state for state in states if _matches(state, listing, viewer)]
    places = sorted((tuple(key(state, known) for key in keys) for state in chosen), reverse=order.descending)
    if order.after is None:
        return Found(places, len(chosen))
    comes_later = lt if order.descending else gt
    return Found([place for place in places if comes_later(place, order.after)], len(chosen))


def cursor(order: Order, place: Place) -> str:
    """The cursor of the page that follows a row."""
    return order.cursor({f"{key.name}_key": value for key, value in zip(order.keys, place, strict=True)})


def row(state: State, known: Catalogue, instant: datetime) -> dict[str, Any]:
    """An incident as a row of the tracking view; what of it had been read by then nobody knows, so all of it."""
    dues = {name: _utc(getattr(state, name)) for name in ("take_due_at", "resolve_due_at", "due_at")}
    return {
        **msgspec.structs.asdict(state),
        **dues,
        "late": is_late(state, instant),
        "subject_label": known.label(state.subject),
        "kind": known.kind_of(state.subject),
        "group_label": known.group_label(state.group_code) if state.group_code else None,
        "seen_requester_marks": state.requester_marks,
        "seen_agent_marks": state.agent_marks,
    }


def is_late(state: State, instant: datetime) -> bool:
    """Whether a target had run out."""
    return state.due_at is not None and state.due_at <= instant


def _matches(state: State, listing: Listing, viewer: Viewer) -> bool:
    return (
        state.status in listing.statuses
        and listing.number in {None, state.number}
        and (not listing.subjects or state.subject in listing.subjects)
        and (not listing.urgencies or state.urgency in listing.urgencies)
        and (not listing.holds or state.hold in listing.holds)
        and (not listing.your_turn or state.last_word == REQUESTER)
        and _HANDS[listing.responsible](state, viewer)
    )


def _rank(number: str) -> int:
    """The order of numbers, which their text is not once a day has more than 9,999."""
    day, _, rank = number.partition("_")
    return int(day[1:]) * 10**9 + int(rank)


def _utc(instant: datetime | None) -> datetime | None:
    return instant and instant.astimezone(UTC)
