"""Writes a share of a history into the journal, through the same append and the same seals as everything else."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from email.utils import parseaddr
from itertools import islice
from operator import attrgetter
from random import Random
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg

from deploy.simulate import rhythm, texts
from deploy.simulate.batches import batches
from deploy.simulate.cast import Cast, agents, cast, requesters
from deploy.simulate.lives import life
from deploy.simulate.rhythm import Day, midnight_after
from deploy.simulate.troubles import Trouble
from deploy.simulate.world import Patience, World
from services.intake.incident.commands import File
from shared.catalogue import load
from shared.database import Pool
from shared.documents import DocumentStore
from shared.journal.append import append
from shared.journal.records import START, Append, Outcome, Position, Series, Verdict
from shared.journal.sealing import Vault
from shared.routing import route
from shared.settings import Settings

_ENROLLED_AT_ONCE: Final = 8
_PAPERS: Final = {
    "capture.txt": "Copie de l’écran : accès refusé (403).\n",
    "message-de-retour.txt": "550 5.7.1 Message refusé par le serveur distant.\n",
    "numeros-de-serie.txt": "Poste 12 : 5CG8412XQ0\nPoste 14 : 5CG8412XR7\n",
}


class Written(NamedTuple):
    """What was written: how many incidents were created, how many events all in all, and where the last one stands."""

    incidents: int = 0
    events: int = 0
    end: Position = START

    def plus(self, other: Written) -> Written:
        """Both together."""
        return Written(self.incidents + other.incidents, self.events + other.events, max(self.end, other.end))


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Pool]:
    """A pool that may append and does not wait for the disk: who loses a simulation starts it again."""
    settings = {
        "role": "cecoia_intake",
        "application_name": "cecoia simulate",
        "synchronous_commit": "off",
        "jit": "off",
    }
    async with asyncpg.create_pool(url, min_size=1, max_size=_ENROLLED_AT_ONCE, server_settings=settings) as pool:
        yield pool


async def make_world(pool: Pool, settings: Settings, incidents: int) -> World:
    """Everything that lives need, with people who are known to the journal and documents that lie in the store.

    Raises:
        LookupError: the catalogue has a subject about which nobody can write, or none at all.
    """
    vault = Vault(pool)
    async with pool.acquire() as connection:
        catalogue = await load(connection, vault)
    subjects = [subject.subject for subject in catalogue.choices()]
    if not subjects or not texts.SUBJECTS.issuperset(subjects):
        raise LookupError("the catalogue of the journal is not that of deploy/catalogue.toml")
    return World(
        await _enrol(vault, settings.oidc_issuer, incidents, sorted(catalogue.groups)),
        catalogue,
        {subject: route(subject, catalogue) for subject in subjects},
        [await _keep(DocumentStore(settings.documents_url), name, text) for name, text in _PAPERS.items()],
        parseaddr(settings.mail_from)[1].partition("@")[2],
        Patience(settings.silence_days, settings.silence_warning),
    )


async def _enrol(vault: Vault, issuer: str, incidents: int, groups: Sequence[str]) -> Cast:
    asking, answering = requesters(incidents), agents(groups)
    todo, pseudonyms = iter([*asking, *answering]), {}

    async def enrol() -> None:
        for one in todo:
            pseudonyms[one.sub] = await vault.person(issuer=issuer, sub=one.sub, name=one.name, email=one.email)

    await asyncio.gather(*(enrol() for _ in range(_ENROLLED_AT_ONCE)))
    return cast(asking, answering, pseudonyms)


async def _keep(store: DocumentStore, name: str, text: str) -> File:
    async def chunks() -> AsyncIterator[bytes]:
        yield text.encode()

    kept = await store.put(chunks(), name, limit=10_000)
    return File(id=UUID(int=0), **kept._asdict())


class Writer:
    """One of several that write a history together: every so many-th incident of each day is its own."""

    def __init__(self, pool: Pool, world: World, seed: int, part: int, parts: int) -> None:
        self._pool, self._vault, self._world = pool, Vault(pool), world
        self._seed, self._part, self._parts = seed, part, parts
        self._later: list[Append] = []

    async def write(self, days: Sequence[Day], troubles: Sequence[Trouble]) -> Written:
        """Write what happens on consecutive days to the incidents created until then.

        Args:
            days: which.
            troubles: known errors that hold on some of them.
        """
        commands = self._later
        for day in days:
            for life_commands in self._lives(day, troubles):
                commands.extend(life_commands)
        commands.sort(key=attrgetter("recorded_at"))
        until = midnight_after(days[-1].date)
        due = bisect_left(commands, until, key=attrgetter("recorded_at"))
        self._later = commands[due:]
        written = Written()
        async with self._pool.acquire() as connection:
            for batch in batches(commands[:due]):
                written = written.plus(counted(batch, await append(connection, batch, self._vault)))
        return written

    def _lives(self, day: Day, troubles: Sequence[Trouble]) -> Iterator[list[Append]]:
        seed = f"{self._seed}:{day.date}"
        for rank, instant in islice(enumerate(rhythm.instants(day, seeded(seed))), self._part, None, self._parts):
            yield life(self._world, instant, seeded(f"{seed}:{rank}"), troubles)


def seeded(text: str) -> Random:
    """Chance that is the same for the same text."""
    return Random(text)  # noqa: S311 - nobody is to be surprised by it


def counted(batch: Sequence[Append], outcomes: Sequence[Outcome]) -> Written:
    """What became of a batch: commands that stand there already count for nothing."""
    done = [
        (command, outcome.position)
        for command, outcome in zip(batch, outcomes, strict=True)
        if outcome.verdict is Verdict.APPENDED and outcome.position
    ]
    return Written(
        sum(command.series is Series.INCIDENT for command, _ in done),
        sum(len(command.events) for command, _ in done),
        max((position for _, position in done), default=START),
    )
