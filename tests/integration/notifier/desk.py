"""Records incidents as intake would, so that the notifier has something to follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from msgspec.structs import replace

from shared.catalogue import CATALOGUE_STREAM, load, parse_toml
from shared.database import Pool
from shared.events.base import Event, Person
from shared.events.incident import IncidentCreated, IncidentTaken, ReplySent
from shared.events.person import PersonErased
from shared.events.vocabulary import ErasedFor, Origin, Urgency
from shared.journal.append import append
from shared.journal.erasures import erasure_stream
from shared.journal.read import read_stream
from shared.journal.records import Append, Meta, NewEvent, Recorded, Series
from shared.journal.sealing import Vault

ISSUER = "http://127.0.0.1:8003"
AT = datetime(2018, 11, 6, 9, 49, 49, tzinfo=UTC)
CATALOGUE = Path(__file__).parents[3] / "deploy" / "catalogue.toml"


@dataclass
class Desk:
    """Somebody who writes into the journal."""

    pool: Pool
    vault: Vault

    async def person(self, name: str, email: str | None) -> Person:
        sub = name.lower().replace(" ", ".")
        return Person(
            id=await self.vault.person(issuer=ISSUER, sub=sub, name=name, email=email), name=name, email=email
        )

    async def claire(self) -> Person:
        return await self.person("Claire Martin", "claire.martin@cecoia.example")

    async def nadia(self) -> Person:
        return await self.person("Nadia Benali", "nadia.benali@cecoia.example")

    async def catalogue(self) -> None:
        events = tuple(NewEvent(event_id=uuid4(), event=event) for event in parse_toml(CATALOGUE.read_text("utf-8")))
        await self._append(Append(stream_id=CATALOGUE_STREAM, events=events, recorded_at=AT))

    async def reroute(self, subject: str, group: str) -> None:
        """Another group answers for a subject from now on."""
        async with self.pool.acquire() as connection:
            known = (await load(connection, self.vault)).subjects[subject]
        new = NewEvent(event_id=uuid4(), event=replace(known, group=group))
        await self._append(Append(stream_id=CATALOGUE_STREAM, events=(new,), recorded_at=AT))

    async def create(
        self, requester: Person, beneficiary: Person | None = None, subject: str = "messagerie.acces", **more: str
    ) -> UUID:
        """A new incident; gives its stream."""
        event = IncidentCreated(
            number="",
            requester=requester,
            beneficiary=beneficiary,
            recorded_by=requester,
            origin=Origin.PORTAL,
            phone=more.get("phone", "+33199001234"),
            subject=subject,
            availability="Le matin",
            urgency=Urgency.NORMAL,
            description=more.get("description", "La messagerie refuse mon mot de passe."),
        )
        stream = uuid4()
        meta = Meta(owner=requester.id, correlation="request-1")
        new = NewEvent(event_id=uuid4(), event=event, meta=meta)
        at = datetime.now(UTC)
        await self._append(Append(stream_id=stream, events=(new,), recorded_at=at, series=Series.INCIDENT))
        return stream

    async def record(self, stream: UUID, *events: Event) -> None:
        """More events of an incident, in one go."""
        created = (await self.events(stream))[0].event
        assert isinstance(created, IncidentCreated)
        meta = Meta(owner=created.requester.id)
        new = tuple(NewEvent(event_id=uuid4(), event=event, meta=meta) for event in events)
        await self._append(Append(stream_id=stream, events=new, recorded_at=datetime.now(UTC)))

    async def erase(self, person: Person) -> None:
        """Forget somebody, as intake does: the event, and the key in the same transaction."""
        event = PersonErased(person=person.id, reason=ErasedFor.REQUEST)
        new = NewEvent(event_id=uuid4(), event=event)
        command = Append(stream_id=erasure_stream(person.id), events=(new,), recorded_at=datetime.now(UTC))
        async with self.pool.acquire() as connection, connection.transaction():
            await append(connection, [command], self.vault)
            await connection.execute("SELECT keys.forget($1)", [person.id])

    async def take(self, stream: UUID, agent: Person) -> None:
        await self.record(stream, IncidentTaken(by=agent, group="messagerie"))

    async def reply(self, stream: UUID, agent: Person, text: str = "Essayez à nouveau.") -> None:
        await self.record(stream, ReplySent(by=agent, text=text))

    async def events(self, stream: UUID) -> list[Recorded]:
        return await self.vault.unseal(await read_stream(self.pool, stream))  # type: ignore[arg-type]

    async def of_type(self, stream: UUID, *types: type[Event]) -> list[Event]:
        return [recorded.event for recorded in await self.events(stream) if isinstance(recorded.event, types)]

    async def _append(self, command: Append) -> None:
        async with self.pool.acquire() as connection:
            await append(connection, [command], self.vault)
