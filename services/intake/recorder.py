"""From a command to its place in the journal: read, decide, append, once whatever is repeated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import uuid5

import msgspec

from services.intake.incident import commands as c
from services.intake.incident.deciding import Limits, decide, may_see
from services.intake.incident.merging import taken_in
from services.intake.incident.state import State, evolve
from services.intake.receipts import (
    Attempt,
    Receipt,
    check_same,
    command_ids,
    earlier,
    kept_now,
    kept_of,
    key_reused,
    new_events,
    new_stream,
    receipt_of,
    state_of,
)
from shared.database import Pool
from shared.events.base import Event
from shared.events.vocabulary import Status
from shared.http.problems import FieldError, Problem, invalid, not_found, unavailable
from shared.journal import numbers
from shared.journal.batcher import Batcher
from shared.journal.read import read_stream, read_stream_by_number
from shared.journal.records import Append, Meta, NewEvent, Outcome, Series, StoredEvent, Verdict

#: Times a command is decided again when somebody else was faster.
_ATTEMPTS: Final = 5


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
        if command.follows is not None:
            if receipt := await self.replayed_create(actor, attempt):
                return receipt
            command = await self._following(command, actor)
        events = decide(None, command, actor, at=attempt.at, limits=self._limits)
        owner = (command.requester or actor.person).id
        append = Append(
            stream_id=stream_id,
            events=new_events(command_ids(stream_id, command, actor, attempt), events, attempt, owner),
            recorded_at=attempt.at,
            expected_version=0,
            series=Series.INCIDENT,
        )
        outcome = await self._batcher.append(append)
        if outcome.verdict is Verdict.CONFLICT:
            raise key_reused()
        check_same(outcome.fingerprint, attempt)
        return receipt_of(kept_now(stream_id, outcome, attempt), Status.TO_HANDLE)

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
            if receipt := earlier(stored, command.name, actor, attempt):
                return receipt
            state = _seen(stored, actor)
            if attempt.version is not None and attempt.version != state.version:
                raise Problem(412, code="version")
            informed = await self._informed(command)
            events = decide(state, informed, actor, at=attempt.at, limits=self._limits)
            stream_id = stored[0].stream_id
            append = Append(
                stream_id=stream_id,
                events=new_events(command_ids(stream_id, command, actor, attempt), events, attempt, state.requester),
                recorded_at=attempt.at,
                expected_version=state.version,
            )
            outcome = await self._append(append, informed, state, actor)
            if outcome.verdict is not Verdict.CONFLICT:
                check_same(outcome.fingerprint, attempt)
                return receipt_of(kept_now(stream_id, outcome, attempt), _status_after(state, events, attempt.at))
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
        return earlier(await self._stored(number), command, actor, attempt)

    async def replayed_create(self, actor: c.Actor, attempt: Attempt) -> Receipt | None:
        """What an earlier sending of the same new incident recorded, if there was one."""
        if attempt.key is None:
            return None
        async with self._pool.acquire() as connection:
            stored = await read_stream(connection, new_stream(actor.person.id, attempt.key))
        if not stored or stored[0].meta.fingerprint != attempt.fingerprint:
            return None
        return receipt_of(kept_of(stored, stored[0]), Status.TO_HANDLE)

    async def _created_before(self, actor: c.Actor, attempt: Attempt) -> Receipt:
        """The first answer again: only what was recorded already can have the version that is asked of it."""
        receipt = await self.replayed_create(actor, attempt)
        if receipt is None:
            raise Problem(412, detail="Cet incident n’existe pas encore\u00a0: il n’a aucune version.", code="version")
        return receipt

    async def _following(self, command: c.Create, actor: c.Actor) -> c.Create:
        """The command with the incident that it follows.

        Raises:
            Problem: 422, there is none that the actor may see.
        """
        former = state_of(await self._stored(command.follows or ""))
        if former is None or not may_see(former, actor):
            raise invalid(FieldError("follows", "Cet incident n’existe pas ou ne vous est pas accessible."))
        return msgspec.structs.replace(command, former=former)

    async def _informed(self, command: c.Command) -> c.Command:
        """The command with what it must know of another incident.

        Raises:
            Problem: 422, there is no such incident.
        """
        if not isinstance(command, c.Merge):
            return command
        stored = await self._stored(command.into)
        if (state := state_of(stored)) is None:
            raise invalid(FieldError("into", "Cet incident n’existe pas."))
        return msgspec.structs.replace(command, leader=c.Leader(stream=stored[0].stream_id, state=state))

    async def _append(self, own: Append, command: c.Command, state: State, actor: c.Actor) -> Outcome:
        """Append to the incident; a merger to the other one, too, each at the version that was read, or to neither."""
        if not isinstance(command, c.Merge) or command.leader is None:
            return await self._batcher.append(own)
        leader = command.leader
        joined = NewEvent(
            event_id=uuid5(own.events[0].event_id, "leader"),
            event=taken_in(state, own.stream_id, actor.person),
            meta=Meta(owner=leader.state.requester, cause=own.events[0].event_id),
        )
        theirs = Append(
            stream_id=leader.stream,
            events=(joined,),
            recorded_at=own.recorded_at,
            expected_version=leader.state.version,
        )
        outcomes = await self._batcher.append_together([own, theirs])
        return next((one for one in outcomes if one.verdict is Verdict.CONFLICT), outcomes[0])

    async def _stored(self, number: str) -> list[StoredEvent]:
        exact = numbers.normalise(number)
        if exact is None or not exact.startswith(Series.INCIDENT):
            return []
        async with self._pool.acquire() as connection:
            return await read_stream_by_number(connection, exact)


def _status_after(state: State, events: Sequence[Event], at: datetime) -> Status:
    for event in events:
        state = evolve(state, event, at)
    return state.status


def _seen(stored: Sequence[StoredEvent], actor: c.Actor) -> State:
    """The state of an incident that the actor may see."""
    state = state_of(stored)
    if state is None or not may_see(state, actor):
        raise not_found("Cet incident n’existe pas ou ne vous est pas accessible.")
    return state
