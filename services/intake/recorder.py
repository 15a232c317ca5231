"""From a command to its place in the journal: read, decide, append, once whatever is repeated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Final
from uuid import UUID, uuid4, uuid5

import msgspec

from services.intake.incident import commands as c
from services.intake.incident.deciding import Limits, decide, may_see
from services.intake.incident.state import State, evolve, fold
from shared.database import Pool
from shared.events import registry
from shared.events.base import Event
from shared.events.vocabulary import Status
from shared.http.problems import Problem, not_found, unavailable
from shared.journal import numbers
from shared.journal.batcher import Batcher
from shared.journal.read import read_stream, read_stream_by_number
from shared.journal.records import Append, Meta, NewEvent, Outcome, Position, Series, StoredEvent, Verdict, in_one_go

#: Times a command is decided again when somebody else was faster.
_ATTEMPTS: Final = 5


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


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal holds of a command."""

    stream_id: UUID
    number: str
    version: int
    status: Status
    recorded_at: datetime
    position: Position
    replayed: bool


class Recorder:
    """Decides commands against the incidents in the journal and records what follows.

    Args:
        pool: reads incidents.
        batcher: appends.
        limits: what the operator allows.
    """

    def __init__(self, pool: Pool, batcher: Batcher, limits: Limits) -> None:
        self._pool = pool
        self._batcher = batcher
        self._limits = limits

    async def create(self, command: c.Create, actor: c.Actor, attempt: Attempt) -> Receipt:
        """Record a new incident.

        Raises:
            Refusal: not for this person, or too many documents.
            Problem: 412 when a version is asked of it, 422 when the key was used for something else.
            JournalBusy, JournalUnavailable: nothing is known of the outcome; sending again is safe.
        """
        if attempt.version is not None:
            return await self._created_before(actor, attempt)
        stream_id = new_stream(actor.person.id, attempt.key)
        events = decide(None, command, actor, at=attempt.at, limits=self._limits)
        owner = (command.requester or actor.person).id
        append = Append(
            stream_id=stream_id,
            events=_new_events(_ids(stream_id, command, actor, attempt), events, attempt, owner),
            recorded_at=attempt.at,
            expected_version=0,
            series=Series.INCIDENT,
        )
        outcome = await self._batcher.append(append)
        if outcome.verdict is Verdict.CONFLICT:
            raise key_reused()
        _check_same(outcome.fingerprint, attempt)
        return _receipt(stream_id, outcome, Status.TO_HANDLE, attempt)

    async def change(self, number: str, command: c.Command, actor: c.Actor, attempt: Attempt) -> Receipt:
        """Record a command about an incident that exists.

        Args:
            number: in any form that people use.
            command: what is asked.
            actor: who asks.
            attempt: how it was sent.

        Raises:
            Refusal: not possible, not for this person, or no such incident.
            Problem: 412 when the version moved, 422 when the key was used for something else.
            JournalBusy, JournalUnavailable: nothing is known of the outcome; sending again is safe.
        """
        for _ in range(_ATTEMPTS):
            stored = await self._stored(number)
            if receipt := _replayed(stored, command.name, actor, attempt):
                return receipt
            state = _seen(stored, actor)
            if attempt.version is not None and attempt.version != state.version:
                raise Problem(412, code="version")
            events = decide(state, command, actor, at=attempt.at, limits=self._limits)
            stream_id = stored[0].stream_id
            append = Append(
                stream_id=stream_id,
                events=_new_events(_ids(stream_id, command, actor, attempt), events, attempt, state.requester),
                recorded_at=attempt.at,
                expected_version=state.version,
            )
            outcome = await self._batcher.append(append)
            if outcome.verdict is not Verdict.CONFLICT:
                _check_same(outcome.fingerprint, attempt)
                return _receipt(stream_id, outcome, _status_after(state, events, attempt.at), attempt)
        raise unavailable(1, "Plusieurs personnes modifient cet incident en même temps. Réessayez.")

    async def check(self, number: str, command: c.Command, actor: c.Actor, key: str | None, at: datetime) -> None:
        """Refuse a command before its content is received, when it is clear that it will be.

        With a key, what was possible the first time need not be possible now: only whose incident it is counts.

        Raises:
            Refusal, Problem: as `change`.
        """
        state = _seen(await self._stored(number), actor)
        if key is None:
            decide(state, command, actor, at=at, limits=self._limits)

    async def replayed(self, number: str, command: str, actor: c.Actor, attempt: Attempt) -> Receipt | None:
        """What an earlier sending of the same command recorded, if there was one."""
        return _replayed(await self._stored(number), command, actor, attempt)

    async def replayed_create(self, actor: c.Actor, attempt: Attempt) -> Receipt | None:
        """What an earlier sending of the same new incident recorded, if there was one."""
        if attempt.key is None:
            return None
        async with self._pool.acquire() as connection:
            stored = await read_stream(connection, new_stream(actor.person.id, attempt.key))
        if not stored or stored[0].meta.fingerprint != attempt.fingerprint:
            return None
        return _receipt_of(stored, stored[0], Status.TO_HANDLE)

    async def _created_before(self, actor: c.Actor, attempt: Attempt) -> Receipt:
        """The first answer again: only what was recorded already can have the version that is asked of it."""
        receipt = await self.replayed_create(actor, attempt)
        if receipt is None:
            raise Problem(412, detail="Cet incident n’existe pas encore\u00a0: il n’a aucune version.", code="version")
        return receipt

    async def _stored(self, number: str) -> list[StoredEvent]:
        exact = numbers.normalise(number)
        if exact is None:
            return []
        async with self._pool.acquire() as connection:
            return await read_stream_by_number(connection, exact)


def new_stream(person: UUID, key: str | None) -> UUID:
    """The stream of a new incident: the same for the same person and key."""
    return uuid4() if key is None else uuid5(person, key)


def event_ids(stream_id: UUID, command: str, person: UUID, key: str | None) -> Iterator[UUID]:
    """The ids of a command's events: the same for the same sending by the same person."""
    for place in count():
        yield uuid4() if key is None else uuid5(stream_id, f"{person}:{command}:{key}:{place}")


def _ids(stream_id: UUID, command: c.Command, actor: c.Actor, attempt: Attempt) -> Iterator[UUID]:
    return event_ids(stream_id, command.name, actor.person.id, attempt.key)


def _new_events(ids: Iterator[UUID], events: Sequence[Event], attempt: Attempt, owner: UUID) -> tuple[NewEvent, ...]:
    meta = Meta(owner=owner, correlation=attempt.request, fingerprint=attempt.fingerprint)
    return tuple(NewEvent(event_id=an_id, event=event, meta=meta) for event, an_id in zip(events, ids, strict=False))


def _fold(stored: Sequence[StoredEvent]) -> State | None:
    """The state after stored events. Texts stay sealed: nothing is decided by them."""
    return fold((registry.decode(one.data), one.recorded_at) for one in stored)


def _status_after(state: State, events: Sequence[Event], at: datetime) -> Status:
    for event in events:
        state = evolve(state, event, at)
    return state.status


def _seen(stored: Sequence[StoredEvent], actor: c.Actor) -> State:
    """The state of an incident that the actor may see."""
    state = _fold(stored)
    if state is None or not may_see(state, actor):
        raise not_found("Cet incident n’existe pas ou ne vous est pas accessible.")
    return state


def _replayed(stored: Sequence[StoredEvent], command: str, actor: c.Actor, attempt: Attempt) -> Receipt | None:
    """What an earlier sending of the command recorded, if there was one."""
    if attempt.key is None or not stored:
        return None
    first_id = next(event_ids(stored[0].stream_id, command, actor.person.id, attempt.key))
    first = next((one for one in stored if one.event_id == first_id), None)
    if first is None:
        return None
    _check_same(first.meta.fingerprint, attempt)
    last = _last_of(stored, first)
    state = _fold(stored[: last.version])
    return _receipt_of(stored, first, state.status if state else Status.TO_HANDLE)


def _last_of(stored: Sequence[StoredEvent], first: StoredEvent) -> StoredEvent:
    """The last event of the command that `first` begins."""
    return max((one for one in stored if in_one_go(first, one)), key=lambda one: one.version)


def _receipt_of(stored: Sequence[StoredEvent], first: StoredEvent, status: Status) -> Receipt:
    last = _last_of(stored, first)
    return Receipt(
        stream_id=first.stream_id,
        number=first.number or "",
        version=last.version,
        status=status,
        recorded_at=first.recorded_at,
        position=last.position,
        replayed=True,
    )


def _receipt(stream_id: UUID, outcome: Outcome, status: Status, attempt: Attempt) -> Receipt:
    if outcome.number is None or outcome.recorded_at is None or outcome.position is None:
        raise ValueError("the journal answered without number, time or position")
    return Receipt(
        stream_id=stream_id,
        number=outcome.number,
        version=outcome.version,
        status=status,
        recorded_at=outcome.recorded_at,
        position=outcome.position,
        replayed=attempt.key is not None and outcome.verdict is Verdict.DUPLICATE,
    )


def _check_same(fingerprint: str | None, attempt: Attempt) -> None:
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
