"""Who writes a mail, which incident it speaks of, and which of our mails came back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from uuid import UUID

from services.intake.callers import Callers
from services.intake.incident.state import State, fold
from services.intake.letters.letter import Letter
from services.intake.post.rules import House, Writer, check_known, is_answer
from services.intake.receipts import new_stream
from shared.database import Connection, Pool, Record, statements
from shared.events import registry
from shared.events.base import ERASED, Person
from shared.events.incident import DocumentAttached, IncidentCreated, IncidentUpdated
from shared.journal import numbers
from shared.journal.read import find_stream, read_stream
from shared.journal.records import Recorded, StoredEvent
from shared.journal.sealing import Vault
from shared.mail import incident_of

_SQL = statements(__file__, "finding.sql")
#: The Message-ID of a mail of ours, wherever a report shows it.
_NOTICE: Final = re.compile(rb"<[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}@[!-;=?-~]{1,200}>")
_NUMBER: Final = re.compile(r"\b[1IiLl]\d{6}[ _.-]\d{1,9}\b")
#: Mails that a report is searched for.
_NOTICES: Final = 50


class Story(NamedTuple):
    """An incident as the journal has it, and the sums of its documents."""

    number: str
    state: State
    sums: frozenset[str]


class Finder:
    """Looks things up for a mail.

    Args:
        pool: of intake.
        vault: knows addresses and opens texts.
        callers: knows people.
        house: whose people may write.
    """

    def __init__(self, pool: Pool, vault: Vault, callers: Callers, house: House) -> None:
        self._pool = pool
        self._vault = vault
        self._callers = callers
        self._house = house

    async def writer(self, address: str, name: str) -> Writer:
        """Who writes from an address; called as in their last incident, otherwise as the mail says.

        Raises:
            Refused: nobody knows them.
        """
        known = await self._vault.find_address(address)
        check_known(address, self._house, known=known is not None)
        called, phone = await self._last(known) if known else ("", "")
        return Writer(person=await self._callers.writer(called or name or address, address), phone=phone)

    async def _last(self, person: UUID) -> tuple[str, str]:
        """Name and telephone number of somebody as of their last incident; empty where there is none."""
        async with self._pool.acquire() as connection:
            stream_id = await connection.fetchval(_SQL.last_incident, str(person))
            stored = await read_stream(connection, stream_id) if stream_id else []
        events = [one.event for one in await self._vault.unseal(stored)]
        names = [event.requester.name for event in events if isinstance(event, IncidentCreated)]
        phones = [event.phone for event in events if isinstance(event, IncidentCreated | IncidentUpdated)]
        return _last_told(names), _last_told(phones)

    async def story(self, letter: Letter, person: Person) -> Story | None:
        """The incident of the writer's that a mail answers: it refers to it, or bears its number."""
        async with self._pool.acquire() as connection:
            for stream_id in await self._candidates(connection, letter, person.id):
                stored = await read_stream(connection, stream_id)
                state = fold((registry.decode(one.data), one.recorded_at) for one in stored)
                if state and is_answer(state, person):
                    return Story(stored[0].number or "", state, _sums(stored))
        return None

    async def _candidates(self, connection: Connection, letter: Letter, person: UUID) -> list[UUID]:
        """Streams of incidents that a mail may speak of, the likeliest first."""
        notices = {row["message_id"]: row["stream_id"] for row in await self._notices(connection, letter.references)}
        named = list(_named(letter.references, notices, person))
        incidents = {row["stream_id"] for row in await connection.fetch(_SQL.incidents, named)}
        found = [stream_id for stream_id in named if stream_id in incidents]
        for text in _NUMBER.findall(letter.subject):
            number = numbers.normalise(text)
            if number and (stream_id := await find_stream(connection, number)):
                found.append(stream_id)
        return list(dict.fromkeys(found))

    async def notice(self, raw: bytes) -> Recorded | None:
        """The mail of ours that a report speaks of, as the journal has it; None where it names none."""
        ids = list(dict.fromkeys(one.decode() for one in _NOTICE.findall(raw)))[:_NOTICES]
        async with self._pool.acquire() as connection:
            rows = await self._notices(connection, ids)
            stored = await read_stream(connection, rows[0]["stream_id"]) if rows else []
        return next((one for one in await self._vault.unseal(stored) if one.event_id == rows[0]["event_id"]), None)

    async def _notices(self, connection: Connection, ids: Iterable[str]) -> list[Record]:
        return await connection.fetch(_SQL.notices, list(ids))


def mail_key(message_id: str) -> str:
    """The key under which a mail is recorded: no key that comes over HTTP is mistaken for it."""
    return f"mail:{message_id}"


def _named(references: Iterable[str], notices: dict[str, UUID], person: UUID) -> Iterator[UUID]:
    """For each reference, the incident that it is about, or that it made if it is a mail of the writer's own."""
    for reference in references:
        if incident := incident_of(reference):
            yield incident
        elif reference in notices:
            yield notices[reference]
        else:
            yield new_stream(person, mail_key(reference))


def _sums(stored: Iterable[StoredEvent]) -> frozenset[str]:
    events = (registry.decode(one.data) for one in stored)
    return frozenset(event.sha256 for event in events if isinstance(event, DocumentAttached))


def _last_told(values: Iterable[str | None]) -> str:
    told = [value for value in values if value and value != ERASED]
    return told[-1] if told else ""
