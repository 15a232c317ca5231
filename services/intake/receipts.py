"""What was sent, and what the journal holds of it: the same sending is known again, whatever happened since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from uuid import UUID, uuid4, uuid5

import msgspec

from services.intake.incident import commands as c
from services.intake.incident.state import State, fold
from shared.events import registry
from shared.events.base import Event
from shared.events.vocabulary import Status
from shared.http.problems import Problem
from shared.journal.records import Meta, NewEvent, Outcome, Position, StoredEvent, Verdict, in_one_go


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One sending of a command.

    Attributes:
        key: `Idempotency-Key`, None without one.
        fingerprint: of the command's body, None without a key.
        version: that the incident must have (`If-Match`), None for any.
        request: identifier of the HTTP request.
        at: when.
    """

    key: str | None
    fingerprint: str | None
    version: int | None
    request: str | None
    at: datetime


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal holds of a sending; `number` is empty where its stream has none."""

    stream_id: UUID
    number: str
    version: int
    recorded_at: datetime
    position: Position
    replayed: bool


class Receipt(Kept, frozen=True, kw_only=True):
    """What it holds of a command about an incident; `status` is the one after it."""

    status: Status


def new_stream(person: UUID, key: str | None) -> UUID:
    """The stream of a new incident: the same for the same person and key."""
    return uuid4() if key is None else uuid5(person, key)


def event_ids(stream_id: UUID, command: str, person: UUID, key: str | None) -> Iterator[UUID]:
    """The ids of a command's events: the same for the same sending by the same person."""
    for place in count():
        yield uuid4() if key is None else uuid5(stream_id, f"{person}:{command}:{key}:{place}")


def command_ids(stream_id: UUID, command: c.Command, actor: c.Actor, attempt: Attempt) -> Iterator[UUID]:
    """The ids of the events of this sending of a command."""
    return event_ids(stream_id, command.name, actor.person.id, attempt.key)


def new_events(
    ids: Iterator[UUID], events: Sequence[Event], attempt: Attempt, owner: UUID | None
) -> tuple[NewEvent, ...]:
    """Events on their way into the journal; `owner` is whose key seals their texts, None where they have none."""
    meta = Meta(owner=owner, correlation=attempt.request, fingerprint=attempt.fingerprint)
    return tuple(NewEvent(event_id=an_id, event=event, meta=meta) for event, an_id in zip(events, ids, strict=False))


def state_of(stored: Sequence[StoredEvent]) -> State | None:
    """The state after stored events. Texts stay sealed: nothing is decided by them."""
    return fold((registry.decode(one.data), one.recorded_at) for one in stored)


def earlier(stored: Sequence[StoredEvent], command: str, actor: c.Actor, attempt: Attempt) -> Receipt | None:
    """What an earlier sending of the command recorded, if there was one."""
    kept = repeated(stored, command, actor.person.id, attempt)
    if kept is None:
        return None
    state = state_of(stored[: kept.version])
    return receipt_of(kept, state.status if state else Status.TO_HANDLE)


def repeated(stored: Sequence[StoredEvent], command: str, person: UUID, attempt: Attempt) -> Kept | None:
    """What an earlier sending of the same recorded in a stream, if there was one.

    Raises:
        Problem: 422 when its key was used for something else.
    """
    if attempt.key is None or not stored:
        return None
    first_id = next(event_ids(stored[0].stream_id, command, person, attempt.key))
    first = next((one for one in stored if one.event_id == first_id), None)
    if first is None:
        return None
    check_same(first.meta.fingerprint, attempt)
    return kept_of(stored, first)


def kept_of(stored: Sequence[StoredEvent], first: StoredEvent) -> Kept:
    """What an earlier sending recorded in a stream, its first event being `first`."""
    last = max((one for one in stored if in_one_go(first, one)), key=lambda one: one.version)
    return Kept(
        stream_id=first.stream_id,
        number=first.number or "",
        version=last.version,
        recorded_at=first.recorded_at,
        position=last.position,
        replayed=True,
    )


def kept_now(stream_id: UUID, outcome: Outcome, attempt: Attempt) -> Kept:
    """What the journal has just answered; that it had the same under this key is not looked at."""
    if outcome.recorded_at is None or outcome.position is None:
        raise ValueError("the journal answered without time or position")
    return Kept(
        stream_id=stream_id,
        number=outcome.number or "",
        version=outcome.version,
        recorded_at=outcome.recorded_at,
        position=outcome.position,
        replayed=attempt.key is not None and outcome.verdict is Verdict.DUPLICATE,
    )


def receipt_of(kept: Kept, status: Status) -> Receipt:
    """The same, of an incident that has this status after it."""
    return Receipt(**msgspec.structs.asdict(kept), status=status)


def check_same(fingerprint: str | None, attempt: Attempt) -> None:
    """Compare a sending with the one that was recorded under its key.

    Raises:
        Problem: 422, they say different things.
    """
    if attempt.key is not None and fingerprint != attempt.fingerprint:
        raise key_reused()


def key_reused() -> Problem:
    """422: the Idempotency-Key was used for something else."""
    return Problem(
        422,
        title="Clé déjà utilisée",
        detail="Cette clé d’idempotence a déjà servi pour une autre demande. Prenez-en une nouvelle.",
        code="key-reused",
    )
