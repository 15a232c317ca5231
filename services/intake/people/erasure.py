"""Forgetting a person: the event and the destruction of their key are one transaction, everything else follows from it.

Projections and mails follow the journal by themselves; documents are deleted by `collecting`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import Final
from uuid import UUID

import msgspec

from services.intake.incident.deciding import Refusal
from services.intake.incident.state import fold
from services.intake.receipts import Attempt, Kept, check_same, event_ids, kept_now, kept_of
from shared.database import Connection, Pool, statements
from shared.events import registry
from shared.events.base import ERASED, Person
from shared.events.incident import IncidentCreated
from shared.events.person import PersonErased
from shared.events.vocabulary import ErasedFor, Status
from shared.http.problems import FieldError, invalid, not_found
from shared.journal import numbers
from shared.journal.append import append
from shared.journal.erasures import erasure_stream
from shared.journal.read import read_stream, read_stream_by_number
from shared.journal.records import Append, Meta, NewEvent, StoredEvent, Verdict
from shared.journal.sealing import Vault
from shared.logs import logger

_SQL = statements(__file__, "erasure.sql")
_log = logger(__name__)
_WORD: Final = re.compile(r"\w{3,}")


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Forget somebody.

    Attributes:
        reason: why.
        by: supervisor who asks; None for the operator, or for time.
        text: reference to where the request is kept.
        force: although incidents of theirs are not ended.
    """

    reason: ErasedFor
    by: Person | None = None
    text: str | None = None
    force: bool = False


class Forgotten(Kept, frozen=True, kw_only=True):
    """What the journal holds of it. `incidents` counts those that the person had asked for."""

    incidents: int


def is_over(status: Status, reason: ErasedFor) -> bool:
    """Whether an incident keeps its requester no longer; what was resolved long ago waits for no answer any more."""
    return status.is_final or (reason is ErasedFor.RETENTION and status is Status.RESOLVED)


def decide(person: UUID, statuses: Iterable[Status], order: Order) -> PersonErased:
    """What the order makes happen.

    Args:
        person: whom to forget; they are not forgotten yet.
        statuses: of the incidents that they asked for.
        order: what is asked.

    Raises:
        Refusal: incidents of theirs are not ended.
    """
    running = sum(not is_over(status, order.reason) for status in statuses)
    if running and not order.force:
        sentence = (
            f"Cette personne a encore {running} incident(s) en cours. Clôturez-les ou annulez-les d’abord\u202f; "
            "sinon, demandez l’effacement malgré tout (force)\u00a0: plus personne ne pourra lui répondre."
        )
        raise Refusal("running", sentence)
    return PersonErased(person=person, reason=order.reason, by=order.by, text=order.text)


def check_text(text: str, person: Person) -> None:
    """Make sure that the reference, which stays, does not name whoever is to be forgotten.

    Raises:
        Problem: 422, it does.
    """
    if person.name == ERASED:  # sent again
        return
    named = _words(person.name) & _words(text)
    if named or (person.email and person.email.casefold() in text.casefold()):
        message = "Cette référence est conservée\u00a0: elle ne doit pas nommer la personne à effacer."
        raise invalid(FieldError("text", message))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


class Eraser:
    """Forgets people.

    Args:
        pool: of intake, which alone may destroy keys.
        vault: seals who asked, and forgets too.
        on_commit: called after each erasure.
    """

    def __init__(self, pool: Pool, vault: Vault, on_commit: Callable[[], None]) -> None:
        self._pool = pool
        self._vault = vault
        self._on_commit = on_commit

    async def requester(self, number: str) -> Person:
        """Who asked for an incident; their name as long as they are not forgotten.

        Raises:
            Problem: 404, there is no such incident.
        """
        exact = numbers.normalise(number)
        async with self._pool.acquire() as connection:
            stored = await read_stream_by_number(connection, exact) if exact else []
        created = [one.event for one in await self._vault.unseal(stored[:1])]
        if not created or not isinstance(created[0], IncidentCreated):
            raise not_found("Cet incident n’existe pas.")
        return created[0].requester

    async def erase(self, person: UUID, order: Order, attempt: Attempt) -> Forgotten:
        """Forget a person, for ever.

        Args:
            person: whom.
            order: why, and who asks.
            attempt: how it was sent; `version` does not count.

        Raises:
            Refusal: incidents of theirs are not ended, or they were forgotten before.
            Problem: 422 when the key was used for something else.
        """
        stream_id, actor = erasure_stream(person), order.by.id if order.by else person
        event_id = next(event_ids(stream_id, "erase", actor, attempt.key))
        async with self._pool.acquire() as connection, connection.transaction():
            standing = await statuses(connection, person)
            if stored := await read_stream(connection, stream_id):
                return _again(stored[0], event_id, len(standing), attempt)
            new = NewEvent(event_id=event_id, event=decide(person, standing, order), meta=_meta(order, attempt))
            command = Append(stream_id=stream_id, events=(new,), recorded_at=attempt.at, expected_version=0)
            (outcome,) = await append(connection, [command], self._vault)
            await connection.execute(_SQL.forget, [person])
        self._vault.forget([person])
        self._on_commit()
        _log.info("person_erased", person=str(person), reason=order.reason, incidents=len(standing))
        if outcome.verdict is Verdict.CONFLICT:
            raise _already()
        return _forgotten(kept_now(stream_id, outcome, attempt), len(standing))


async def statuses(connection: Connection, person: UUID) -> list[Status]:
    """Where the incidents stand that a person asked for. Texts stay sealed: nothing is decided by them."""
    rows = await connection.fetch(_SQL.history, str(person))
    incidents = [
        fold((registry.decode(row["data"]), row["recorded_at"]) for row in events)
        for _, events in groupby(rows, key=lambda row: row["stream_id"])
    ]
    return [state.status for state in incidents if state]


def _meta(order: Order, attempt: Attempt) -> Meta:
    owner = order.by.id if order.by else None
    return Meta(owner=owner, correlation=attempt.request, fingerprint=attempt.fingerprint)


def _again(stored: StoredEvent, event_id: UUID, incidents: int, attempt: Attempt) -> Forgotten:
    """The answer to an erasure that stands already."""
    if attempt.key is None or stored.event_id != event_id:
        raise _already()
    check_same(stored.meta.fingerprint, attempt)
    return _forgotten(kept_of([stored], stored), incidents)


def _forgotten(kept: Kept, incidents: int) -> Forgotten:
    return Forgotten(**msgspec.structs.asdict(kept), incidents=incidents)


def _already() -> Refusal:
    return Refusal("erased", "Cette personne a déjà été effacée.")
