"""A journal with a catalogue, people, and a short way to write histories into it."""

import asyncio
import itertools
import random
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import httpx
import pytest
import uvicorn
from litestar import Litestar

from services.query.app import create_app
from services.query.projections import generations
from services.query.projections import projector as projecting
from services.query.projections.following import end
from services.query.projections.generations import Generation, Projection
from services.query.projections.projector import Projector
from services.query.projections.rebuild import build
from services.query.projections.registry import PROJECTIONS
from shared.catalogue import CATALOGUE_STREAM
from shared.database import Pool, connect_pool
from shared.events import catalogue, incident
from shared.events.base import Event, Person
from shared.events.knowledge import (
    KnownErrorPublished,
    KnownErrorRetired,
    NewsFollowed,
    NewsPublished,
    NewsWithdrawn,
)
from shared.events.person import PersonErased
from shared.events.vocabulary import ClosedBy, ErasedFor, HoldReason, Kind, Origin, Role, Urgency
from shared.http.identity import Caller
from shared.http.problems import Problem
from shared.journal.append import append
from shared.journal.erasures import erasure_stream
from shared.journal.records import Append, Meta, NewEvent, Outcome, Position, Series, Verdict
from shared.journal.sealing import Vault
from shared.settings import Settings
from tests.support.settings import service_variables
from tests.support.waiting import until

ISSUER = "https://identity.test"
CATALOGUE = CATALOGUE_STREAM
UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
#: Linked by stories, whether it was published or not.
ERROR = "E261106_0001"
TARGETS = {Urgency.NORMAL: 480}


class Journal:
    """Writes histories as intake would."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.vault = pool, Vault(pool)
        self._clock = itertools.count(1)
        self._start = datetime(2026, 11, 6, 8, 0, tzinfo=UTC)

    async def person(self, sub: str, name: str | None = None) -> Person:
        email = f"{sub}@cecoia.example"
        known = await self.vault.person(issuer=ISSUER, sub=sub, name=name or sub, email=email)
        return Person(id=known, name=name or sub, email=email)

    def now(self) -> datetime:
        return self._start + timedelta(minutes=next(self._clock))

    async def catalogue(self) -> None:
        events = [
            catalogue.GroupDefined(group=group, label=label, mail=f"{group}@cecoia.example", calendar="standard")
            for group, label in (("messagerie", "Messagerie et identité"), ("reseau", "Réseau et internet"))
        ]
        events += [
            catalogue.SubjectDefined(subject=code, label=label, kind=kind, group=group, take=TARGETS, resolve=TARGETS)
            for code, label, kind, group in (
                ("messagerie.acces", "Messagerie : connexion impossible", Kind.INCIDENT, "messagerie"),
                ("reseau.filtrage", "Réseau : ouverture d’un site filtré", Kind.REQUEST, "reseau"),
            )
        ]
        await self.add(CATALOGUE, *events)

    async def add(self, stream: UUID, *events: Event, owner: UUID | None = None, at: datetime | None = None) -> Outcome:
        return await self._append(
            Append(
                stream_id=stream,
                events=tuple(NewEvent(event_id=uuid4(), event=event, meta=Meta(owner=owner)) for event in events),
                recorded_at=at or self.now(),
            )
        )

    async def create(
        self,
        requester: Person,
        description: str = "Le webmail refuse mon mot de passe.",
        *,
        subject: str = "messagerie.acces",
        urgency: Urgency = Urgency.NORMAL,
        beneficiary: Person | None = None,
        recorded_by: Person | None = None,
        at: datetime | None = None,
        further: tuple[Event, ...] = (),
        follows: str | None = None,
    ) -> tuple[UUID, Outcome]:
        created = incident.IncidentCreated(
            number="",
            requester=requester,
            beneficiary=beneficiary,
            recorded_by=recorded_by or requester,
            origin=Origin.PORTAL,
            phone="+33199001234",
            subject=subject,
            availability="toute la journée",
            urgency=urgency,
            description=description,
            follows=follows,
        )
        stream = uuid4()
        events = (created, *further)
        outcome = await self._append(
            Append(
                stream_id=stream,
                events=tuple(
                    NewEvent(event_id=uuid4(), event=event, meta=Meta(owner=requester.id)) for event in events
                ),
                recorded_at=at or self.now(),
                expected_version=0,
                series=Series.INCIDENT,
            )
        )
        return stream, outcome

    async def publish(
        self, by: Person, title: str, symptoms: str = "Rien ne va plus.", *, subject: str = "messagerie.acces"
    ) -> tuple[UUID, Outcome]:
        """A known error."""
        event = KnownErrorPublished(
            number="", by=by, title=title, symptoms=symptoms, workaround="Patientez.", subjects=[subject]
        )
        stream = uuid4()
        command = Append(
            stream_id=stream,
            events=(NewEvent(event_id=uuid4(), event=event),),
            recorded_at=self.now(),
            expected_version=0,
            series=Series.KNOWN_ERROR,
        )
        return stream, await self._append(command)

    async def news(self, by: Person, title: str, *subjects: str, until: datetime | None = None) -> tuple[UUID, Outcome]:
        """A news."""
        stream = uuid4()
        event = NewsPublished(by=by, title=title, text="Depuis 8 h.", subjects=list(subjects), until=until)
        return stream, await self.add(stream, event)

    async def follow(self, news: UUID, by: Person) -> Outcome:
        """Somebody whom a news concerns."""
        return await self.add(uuid5(news, str(by.id)), NewsFollowed(news=news, by=by))

    async def retire(self, published: tuple[UUID, Outcome], by: Person, *, solved: bool = True) -> Outcome:
        """The end of a known error."""
        stream, outcome = published
        assert outcome.number
        return await self.add(
            stream, KnownErrorRetired(number=outcome.number, by=by, text="C’est réglé.", solved=solved)
        )

    async def _append(self, command: Append) -> Outcome:
        async with self.pool.acquire() as connection:
            (outcome,) = await append(connection, [command], self.vault)
        assert outcome.verdict is Verdict.APPENDED
        return outcome

    async def story(self, number: int = 1, seed: int = 0) -> list[UUID]:
        """Several incidents with lives of all kinds, the same for the same seed."""
        choice = random.Random(seed)
        people = [await self.person(f"requester{n}", f"Élodie Requérante {n}") for n in range(5)]
        agent = await self.person("agent", "Nadia Benali")
        streams = []
        published = [await self.publish(agent, f"Panne {n}") for n in range(3)]
        await self.retire(published[1], agent)
        for title in ("Coupure", "Travaux"):
            news, _ = await self.news(agent, title, "messagerie.acces")
            for requester in people:
                await self.follow(news, requester)
        await self.add(news, NewsWithdrawn(by=agent, text="C’est fini."))
        for n in range(number):
            requester = choice.choice(people)
            stream, _ = await self.create(
                requester,
                f"Imprimante n° {n} en panne près de l’école",
                subject=choice.choice(["messagerie.acces", "reseau.filtrage"]),
                urgency=choice.choice(list(Urgency)),
                follows=f"1181106_{n:04}" if n % 3 == 1 else None,
            )
            for event in life(requester, agent, choice):
                await self.add(stream, event, owner=requester.id)
            streams.append(stream)
        return streams


def life(requester: Person, agent: Person, choice: random.Random) -> list[Event]:
    group = choice.choice(["messagerie", "reseau"])
    events: list[Event] = [
        incident.IncidentRouted(group=group, rule="subject", why="d’après l’objet"),
        incident.IncidentUpdated(by=requester, text="Toujours en panne, été comme hiver", urgency=Urgency.HIGH),
        incident.IncidentTaken(by=agent, group=group),
        incident.ReplySent(by=agent, text="Redémarrez le photocopieur"),
        incident.NoteAdded(by=agent, text="Modèle à remplacer"),
        incident.IncidentReleased(by=agent, group=group),
        incident.IncidentTaken(by=agent, group=group),
        incident.IncidentTransferred(
            by=agent, from_group=group, group="reseau", subject="reseau.filtrage", text="Wi-Fi"
        ),
        incident.IncidentTaken(by=agent, group="reseau"),
        incident.IncidentPutOnHold(by=agent, reason=HoldReason.THIRD_PARTY, until=UNTIL, text="Pièce commandée"),
        incident.IncidentResumed(),
        incident.KnownErrorLinked(by=agent, known_error=ERROR),
        incident.IncidentResolved(by=agent, text="Réparé"),
        incident.ResolutionRefused(by=requester, reason="Toujours en panne", responsible=agent.id),
        incident.IncidentResolved(by=agent, text="Remplacé"),
        incident.IncidentClosed(by=requester, closed_by=ClosedBy.REQUESTER),
        incident.SatisfactionRated(by=requester, rating=choice.randint(1, 5), text="Toner livré trop tard"),
        incident.SatisfactionRated(by=requester, rating=choice.randint(1, 5)),
        incident.IncidentReopened(by=requester, reason="De nouveau en panne", responsible=agent.id),
        incident.DuplicatesAdded(by=agent, duplicates=(incident.Tie(number="1261106_0001", stream=CATALOGUE),)),
        incident.IncidentsMerged(by=agent, into=incident.Tie(number="1261106_0002", stream=CATALOGUE)),
        incident.IncidentCancelled(by=requester, reason="Plus besoin"),
    ]
    return events[: choice.randint(0, len(events))]


@pytest.fixture
async def query_pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await connect_pool(database_url, "cecoia_query", name="test query", size=8)
    yield pool
    pool.terminate()


@pytest.fixture
async def journal(database_url: str) -> AsyncIterator[Journal]:
    pool = await connect_pool(database_url, "cecoia_intake", name="test intake", size=8)
    journal = Journal(pool)
    await journal.catalogue()
    yield journal
    pool.terminate()


@pytest.fixture
def erase(journal: Journal) -> Callable[[Person], Awaitable[Outcome]]:
    """Erases as intake does: the event, and the key in the same transaction."""

    async def run(person: Person) -> Outcome:
        event = PersonErased(person=person.id, reason=ErasedFor.REQUEST)
        command = Append(
            stream_id=erasure_stream(person.id),
            events=(NewEvent(event_id=uuid4(), event=event),),
            recorded_at=journal.now(),
            expected_version=0,
        )
        async with journal.pool.acquire() as connection, connection.transaction():
            (outcome,) = await append(connection, [command], journal.vault)
            await connection.execute("select keys.forget($1)", [person.id])
        journal.vault.forget([person.id])
        return outcome

    return run


async def built(pool: Pool, projection: Projection) -> Generation:
    """A generation that shows the journal as it is now, and is read from now on."""
    made = await build(pool, Vault(pool), projection)
    async with pool.acquire() as connection:
        await generations.promote(connection, made)
    return made


@pytest.fixture
async def projector(query_pool: Pool, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Projector]:
    """A projector that runs while the test does, and follows what it has built without delay."""
    monkeypatch.setattr(projecting, "LOOK", 0.1)
    projector = Projector(query_pool, Vault(query_pool), redis_url, PROJECTIONS)
    task = asyncio.create_task(projector.run())
    yield projector
    await end(task)


@pytest.fixture
def projected(query_pool: Pool, projector: Projector) -> Callable[[Position | None], Awaitable[None]]:
    """Waits until all projections show a position."""

    async def wait(position: Position | None) -> None:
        assert position is not None

        async def reached() -> bool:
            async with query_pool.acquire() as connection:
                found = [await generations.current(connection, name) for name in PROJECTIONS]
                return all(one is not None and one.position >= position for one in found)

        await until(reached)

    return wait


class Verifier:
    """Knows who a token names without asking anybody."""

    def __init__(self) -> None:
        self.callers: dict[str, Caller] = {}

    async def verify(self, token: str) -> Caller:
        if token not in self.callers:
            raise Problem(401)
        return self.callers[token]

    async def close(self) -> None:
        """Nothing to let go."""


class Api:
    """The application on a real socket, asked in the name of several people."""

    def __init__(self, base: str, verifier: Verifier, app: Litestar) -> None:
        self._base, self._verifier, self.app = base, verifier, app
        self._clients: list[httpx.AsyncClient] = []

    def as_(
        self, sub: str, *roles: Role, groups: tuple[str, ...] = (), name: str | None = None, lasts: float = 3600
    ) -> httpx.AsyncClient:
        token = uuid4().hex
        self._verifier.callers[token] = Caller(
            sub=sub,
            name=name or sub,
            email=f"{sub}@cecoia.example",
            roles=frozenset(roles or {Role.REQUESTER}),
            groups=frozenset(groups),
            expires_at=time.time() + lasts,
        )
        client = httpx.AsyncClient(
            base_url=self._base, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=20
        )
        self._clients.append(client)
        return client

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return Settings.read(service_variables(tmp_path, database_url, redis_url, ISSUER))


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[Api]:
    app = create_app(settings)
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, http="httptools", ws="none", log_config=None, timeout_graceful_shutdown=2)
    )
    # asyncio sends at once only on sockets that say to be of TCP; on others each answer waits 40 ms for an echo
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        serving = asyncio.create_task(server.serve([listening]))
        await until(lambda: server.started or serving.done())
        async with asyncio.timeout(10):
            await app.state.context.hub.heard.wait()
        app.state.verifier = verifier = Verifier()
        api = Api(f"http://127.0.0.1:{listening.getsockname()[1]}", verifier, app)
        yield api
        await api.close()
        app.state.context.hub.close()
        server.should_exit = True
        await serving
