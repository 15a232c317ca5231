"""What is counted of each event of an incident. Pure.

A fact counts on a day and under a cell. What happens because of something earlier counts with that: a transfer with the
creation, a refusal with the resolution that was refused, so that shares are shares of one and the same incidents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import msgspec
from msgspec.structs import replace

from services.query.reports.life import Life, Link, Moment
from shared.catalogue import Catalogue
from shared.events import incident, notification
from shared.events.base import Event
from shared.events.vocabulary import Message, Target
from shared.targets.due import allowed, worked

_MINUTE: Final = timedelta(minutes=1)
#: The creation is the first event of its incident.
_FIRST: Final = 1
#: A mail that is handed over later than this after what it tells is late.
PROMPT: Final = timedelta(minutes=5)
#: Facts of which the last one of an incident counts; the one before it no longer does.
REPLACING: Final = frozenset({"created", "rated", "commented"})


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """Something that counts once.

    Attributes:
        fact: its name.
        counted: the day and the cell that it counts under.
        worked: minutes of working time that it took, and `elapsed` by the clock.
        late: minutes beyond what was promised; 0 where the promise was kept, None where nothing was.
        detail: what it is about besides: a message, the number of a known error.
        version: of the event that it is shown by; None for the one that makes it.
    """

    fact: str
    counted: Moment
    worked: int | None = None
    elapsed: int | None = None
    late: int | None = None
    detail: str | None = None
    version: int | None = None


class Turn(NamedTuple):
    """An event of an incident, and all that counting it needs.

    Attributes:
        life: the incident after the event.
        known: the catalogue then.
        causes: when the events happened that mails tell of, by their ids.
    """

    life: Life
    event: Any
    known: Catalogue
    causes: Mapping[UUID, datetime]


Counted: TypeAlias = tuple[Life, Iterable[Fact]]


def count(turn: Turn) -> Counted:
    """The incident once an event was counted, and the facts that it makes."""
    counter = COUNTERS.get(type(turn.event))
    return counter(turn) if counter else (turn.life, ())


def _has(life: Life, fact: str) -> bool:
    return fact in life.counts


def _created(turn: Turn) -> Counted:
    return turn.life, [_creation(turn.life)]


def _creation(life: Life) -> Fact:
    return Fact(fact="created", counted=life.created, version=_FIRST)


def _routed(turn: Turn) -> Counted:
    """The creation counts under the group that the incident was first routed to."""
    life = turn.life
    if life.routed:
        return life, ()
    cell = life.created.cell._replace(group_code=turn.event.group)
    moved = replace(life, routed=True, created=Moment(life.created.at, cell))
    return moved, [_creation(moved)] if cell != life.created.cell else ()


def _taken(turn: Turn) -> Counted:
    if _has(turn.life, "taken"):
        return turn.life, ()
    return replace(turn.life, taken_by=turn.event.by.id), [_timed("taken", turn, Target.TAKE)]


def _resolved(turn: Turn) -> Counted:
    life = turn.life
    if life.resolved:
        return life, ()
    fact = _timed("resolved", turn, Target.RESOLVE)
    life = replace(life, resolved=life.now, worked=fact.worked)
    first = [Fact(fact="first_contact", counted=life.now)] if _at_first_contact(turn) else []
    return life, [fact, *first, *(_explained(life, link) for link in life.links)]


def _timed(name: str, turn: Turn, target: Target) -> Fact:
    """A fact with the time that it took to come about, and whether that was too long."""
    life, case = turn.life, turn.life.case
    time, promised = worked(case, turn.known, life.at), allowed(case, target, turn.known)
    late = None if time is None or promised is None else _beyond(time, promised)
    elapsed = (life.at - life.created.at) // _MINUTE
    return Fact(
        fact=name,
        counted=life.now,
        worked=None if time is None else time // _MINUTE,
        elapsed=elapsed,
        late=late,
    )


def _beyond(time: timedelta, promised: timedelta) -> int:
    """Whole minutes, one that was begun too."""
    return max(0, -((promised - time) // _MINUTE))


def _at_first_contact(turn: Turn) -> bool:
    """Whether who took it resolved it, without transfer or hold and with one reply at most."""
    life = turn.life
    alone = life.taken_by in {None, turn.event.by.id}
    return alone and not life.held and life.replies <= 1 and not _has(life, "transferred")


def _transferred(turn: Turn) -> Counted:
    return turn.life, [Fact(fact="transferred", counted=turn.life.created)]


def _closed(turn: Turn) -> Counted:
    return turn.life, () if _has(turn.life, "closed") else [Fact(fact="closed", counted=turn.life.now)]


def _returned(name: str) -> Callable[[Turn], Counted]:
    """Counts once what an incident came back by, with its first resolution."""

    def counter(turn: Turn) -> Counted:
        life = turn.life
        if life.resolved is None or _has(life, name):
            return life, ()
        return life, [Fact(fact=name, counted=life.resolved)]

    return counter


def _linked(turn: Turn) -> Counted:
    life, error = turn.life, turn.event.known_error
    if any(link.known_error == error for link in life.links):
        return life, ()
    link = Link(error, life.now)
    facts = [Fact(fact="linked", counted=link.moment, detail=error)]
    if life.resolved:
        facts.append(_explained(life, link))
    return replace(life, links=(*life.links, link)), facts


def _explained(life: Life, link: Link) -> Fact:
    """That an incident which comes of a known error is resolved; it counts when and where the link does."""
    return Fact(fact="explained", counted=link.moment, worked=life.worked, detail=link.known_error)


def _sent(turn: Turn) -> Counted:
    event, cause = turn.event, turn.causes.get(turn.event.cause)
    # A reminder is due days after what it tells of.
    is_measured = cause is not None and event.message is not Message.REMINDER
    delay = max(timedelta(), event.sent_at - cause) if is_measured else None
    fact = Fact(
        fact="sent",
        counted=turn.life.now,
        elapsed=None if delay is None else delay // _MINUTE,
        late=None if delay is None else _beyond(delay, PROMPT),
        detail=event.message,
    )
    return turn.life, [fact]


def _mailed(name: str) -> Callable[[Turn], Counted]:
    """Counts what else became of a mail."""
    return lambda turn: (turn.life, [Fact(fact=name, counted=turn.life.now, detail=turn.event.message)])


def _rated(turn: Turn) -> Counted:
    """The last opinion counts, with or without words."""
    now, event = turn.life.now, turn.event
    spoken = "yes" if event.text else "no"
    return turn.life, [
        Fact(fact="rated", counted=now, detail=str(event.rating)),
        Fact(fact="commented", counted=now, detail=spoken),
    ]


COUNTERS: Final[Mapping[type[Event], Callable[[Turn], Counted]]] = {
    incident.IncidentCreated: _created,
    incident.IncidentRouted: _routed,
    incident.IncidentTaken: _taken,
    incident.IncidentResolved: _resolved,
    incident.IncidentTransferred: _transferred,
    incident.IncidentClosed: _closed,
    incident.ResolutionRefused: _returned("refused"),
    incident.IncidentReopened: _returned("reopened"),
    incident.KnownErrorLinked: _linked,
    incident.SatisfactionRated: _rated,
    notification.ConfirmationSent: _sent,
    notification.NotificationSent: _sent,
    notification.NotificationFailed: _mailed("failed"),
    notification.NotificationBounced: _mailed("bounced"),
}
