"""Who calls: people found by a few letters, and the card of one of them."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from services.query.agents import beside
from services.query.projections import people, tracking
from services.query.projections.generations import sql
from shared.database import Connection, Record
from shared.events.incident import IncidentCreated, IncidentUpdated
from shared.journal.read import read_stream
from shared.journal.sealing import Vault
from shared.wire.agents import CallerCard, KnownPeople, KnownPerson

#: How many people are shown, and among how many they are sorted.
SHOWN: Final = 8
_FOUND: Final = 200
_WORD: Final = re.compile(r"[^\W_]+")
#: Letters of the longest word without which half of everybody would be found.
_LETTERS: Final = 2


def beginnings(text: str) -> str:
    """The words of a text as beginnings to search for; empty where they say too little."""
    words = _WORD.findall(text)
    if max(map(len, words), default=0) < _LETTERS:
        return ""
    return " & ".join(f"'{word}':*" for word in words)


async def find(connection: Connection, schema: str, text: str) -> KnownPeople:
    """The people whose name or address has words that begin so."""
    words = beginnings(text)
    statement = sql(people.__file__, schema).find_people
    rows = await connection.fetch(statement, words, _FOUND, SHOWN + 1) if words else []
    return KnownPeople(items=[_person(row) for row in rows[:SHOWN]], more=len(rows) > SHOWN)


async def card(connection: Connection, schema: str, vault: Vault, person: UUID) -> CallerCard | None:
    """What an agent sees of somebody; None where nobody is known, or not any more."""
    row = await connection.fetchrow(sql(people.__file__, schema).known_person, person)
    if row is None:
        return None
    phone, availability = await _reached(connection, schema, vault, person)
    incidents = await beside.others(connection, schema, person)
    return CallerCard(person=_person(row), phone=phone, availability=availability, incidents=incidents)


async def _reached(connection: Connection, schema: str, vault: Vault, person: UUID) -> tuple[str, str]:
    """Telephone number and availability as the last incident of a requester has them; empty where they never asked."""
    stream_id = await connection.fetchval(sql(tracking.__file__, schema).last_of_requester, person)
    events = await vault.unseal(await read_stream(connection, stream_id), connection) if stream_id else []
    phone, availability = "", ""
    for recorded in events:
        if isinstance(event := recorded.event, IncidentCreated | IncidentUpdated):
            phone, availability = event.phone or phone, event.availability or availability
    return phone, availability


def _person(row: Record) -> KnownPerson:
    return KnownPerson(id=row["person"], name=row["name"], email=row["email"])
