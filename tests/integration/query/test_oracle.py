"""Every report is what the raw events say, reckoned in the slowest and most obvious way."""

import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

import pytest

from deploy.database import bring_up_to_date
from deploy.run import CATALOGUE as FILE
from deploy.simulate import rhythm
from deploy.simulate.__main__ import simulate
from services.query.projections.facts import FACTS
from services.query.reports import answering
from services.query.reports.asking import read_asked, read_detail
from services.query.reports.declared import REPORTS
from shared.catalogue import CATALOGUE_STREAM, parse_toml
from shared.database import connect_pool
from shared.events import catalogue, incident, notification
from shared.events.vocabulary import ClosedBy, Message, Stage, Target
from shared.journal.append import append
from shared.journal.read import read_page
from shared.journal.records import START, Append, Meta, NewEvent
from shared.journal.sealing import leave_sealed
from shared.settings import Settings
from tests.integration.query.conftest import Journal, built, life
from tests.support import oracle
from tests.support.oracle import Oracle, Question
from tests.support.settings import service_variables

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
#: Days around both clock changes, and days of today.
SPRING, AUTUMN = (date(2026, 3, 16), 28), (date(2026, 10, 19), 28)
#: Both sides of midnight in Paris, the hour that is skipped, the one that comes twice, and one minute of a lunch break.
AWKWARD = [
    datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC),
    datetime(2026, 3, 28, 23, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 21, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 3, 29, 22, 0, tzinfo=UTC),
    datetime(2026, 10, 24, 21, 59, tzinfo=UTC),
    datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 23, 0, tzinfo=UTC),
    datetime(2026, 11, 10, 22, 59, 30, tzinfo=UTC),
    datetime(2026, 11, 12, 11, 0, tzinfo=UTC),
]
#: Events of lives that mails tell of.
TELLING = (incident.IncidentTaken, incident.ReplySent, incident.IncidentResolved, incident.IncidentClosed)


class Targeted(Journal):
    """Lives in which everything happens, in orders that no agent would think of."""

    def __init__(self, pool, seed):
        super().__init__(pool)
        self.random = random.Random(seed)
        self.told = []

    async def live(self, requester, agent, other, at):
        subject = self.random.choice(["messagerie.acces", "reseau.filtrage", "poste.logiciel"])
        events = [event for event in life(requester, agent, self.random) if self.random.random() < 0.75]
        stream, _ = await self.create(requester, subject=subject, at=at)
        self.told.append(uuid5(stream, "0"))
        for rank, event in enumerate([*events, *self.more(requester, other)], 1):
            at += timedelta(seconds=self.random.choice([0, 3, 40, 600, 7200, 90_000, 500_000]))
            if at > NOW - timedelta(days=self.random.choice([0, 0, 3])):
                break
            await self.say(stream, rank, self.mailed(event, at), at)

    def more(self, requester, other):
        choice = self.random
        further = [
            incident.SatisfactionRated(by=requester, rating=choice.randint(1, 5), text=choice.choice([None, "Merci"])),
            incident.SatisfactionRated(by=requester, rating=choice.randint(1, 5)),
            incident.IncidentEscalated(target=Target.TAKE, stage=Stage.MISSED, due_at=NOW, group="reseau"),
            incident.KnownErrorLinked(by=other, known_error="E261106_0002"),
            incident.IncidentClosed(by=other, closed_by=ClosedBy.AGENT),
            incident.IncidentTaken(by=other, group="postes"),
            incident.IncidentResolved(by=other, text="Fait", known_error="E261106_0002"),
            *(self.mail(requester, kind) for kind in ("sent", "failed", "bounced") for _ in range(2)),
        ]
        choice.shuffle(further)
        return further

    def mail(self, requester, kind):
        cause = self.random.choice(self.told)
        shared = {"to": requester, "message": self.random.choice(list(Message)), "message_id": "<x@y>", "cause": cause}
        if kind == "sent":
            return notification.NotificationSent(**shared, attempts=1, sent_at=NOW)
        if kind == "failed":
            return notification.NotificationFailed(**shared, attempts=9, error="550")
        return notification.NotificationBounced(**shared, mail=cause, error="550")

    def mailed(self, event, at):
        """A mail is handed over when it is recorded."""
        if isinstance(event, notification.NotificationSent):
            return notification.NotificationSent(
                to=event.to, message=event.message, message_id="<x@y>", cause=event.cause, attempts=1, sent_at=at
            )
        return event

    async def say(self, stream, rank, event, at):
        identifier = uuid5(stream, str(rank))
        if isinstance(event, TELLING):
            self.told.append(identifier)
        new = NewEvent(event_id=identifier, event=event, meta=Meta(owner=UUID(int=0)))
        async with self.pool.acquire() as connection:
            await append(connection, [Append(stream_id=stream, events=(new,), recorded_at=at)], self.vault)


async def write(settings):
    """A simulated past, then lives of all kinds in the midst of which the catalogue changes."""
    for first, count in (SPRING, AUTUMN):
        await simulate(settings, rhythm.days(first, count, 70), seed=first.month, processes=1)
    pool = await connect_pool(settings.database_url, "cecoia_intake", name="test", size=4)
    journal = Targeted(pool, 7)
    people = [await journal.person(f"people{n}") for n in range(6)]
    for rank, at in enumerate(AWKWARD * 4):
        if rank == len(AWKWARD) * 2:
            await journal.add(CATALOGUE_STREAM, *changes())
        requester, agent, other = people[rank % 3], *journal.random.sample(people[3:], 2)
        await journal.live(requester, agent, other, at)
    pool.terminate()


def changes():
    """Shorter days, shorter targets, another group."""
    known = {type(one): one for one in parse_toml(FILE.read_text("utf-8"))}
    subject = next(
        one for one in parse_toml(FILE.read_text("utf-8")) if getattr(one, "subject", "") == "reseau.filtrage"
    )
    calendar = known[catalogue.CalendarDefined]
    week = catalogue.Week(mon=("09:00-12:00",), tue=("09:00-12:00", "14:00-18:00"), sun=("01:00-05:00",))
    return [
        catalogue.CalendarDefined(
            calendar=calendar.calendar,
            label=calendar.label,
            timezone=calendar.timezone,
            open=week,
            holidays="FR",
            closed=("2026-11-10",),
        ),
        catalogue.SubjectDefined(
            subject=subject.subject,
            label=subject.label,
            kind=subject.kind,
            group="postes",
            take=dict.fromkeys(subject.take, 30),
            resolve=dict.fromkeys(subject.resolve, 60),
        ),
    ]


#: period, axes, filters, as known when; each report is asked all of them.
QUESTIONS = [
    ("2026-03-16", "2026-11-20", "", {}, None),
    ("2026-03-28", "2026-04-05", "day", {}, None),
    ("2026-10-20", "2026-11-30", "day,subject", {}, None),
    ("2026-03-16", "2026-11-20", "month,group,urgency", {}, None),
    ("2026-03-16", "2026-11-20", "school-year,kind,origin", {"urgency": "high,critical"}, None),
    ("2026-10-01", "2026-11-20", "week,group", {"group": "reseau,postes", "kind": "request"}, None),
    ("2026-03-16", "2026-11-20", "year,subject", {}, "2026-10-26T00:30:00+01:00"),
    ("2026-10-24", "2026-10-26", "day,group", {"subject": "reseau.filtrage,messagerie.acces"}, "2026-11-11T12:00:00Z"),
    ("2026-03-16", "2026-11-20", "", {"origin": "portal"}, "2026-04-01T00:00:00+02:00"),
]
OWN = {
    "rhythm": ("weekday,hour", "hour", "month,weekday"),
    "known-errors": ("known-error",),
    "notifications": ("message",),
}


async def settled(database_url, redis_url, tmp_path):
    variables = service_variables(tmp_path, database_url, redis_url, "https://identity.test")
    await bring_up_to_date(variables, FILE.read_text(encoding="utf-8"))
    return Settings.read(variables)


@pytest.fixture
async def asking(database_url, redis_url, tmp_path):
    """What the generation of a past answers, and the same past as raw events."""
    settings = await settled(database_url, redis_url, tmp_path)
    await write(settings)
    pool = await connect_pool(database_url, "cecoia_query", name="test", size=2)
    async with pool.acquire() as connection:
        stored = []
        while page := await read_page(connection, stored[-1].position if stored else START, 5000):
            stored += page
        made = await built(pool, FACTS)
        yield connection, made.schema, Oracle(oracle.read(leave_sealed(stored)))
    pool.terminate()


async def test_every_report_is_what_the_events_say(asking):
    connection, schema, knowing = asking
    filled = set()
    for name, report in REPORTS.items():
        for first, last, by, filters, at in questions(name):
            given = {"from": first, "to": last, "by": by, **filters, **({"at": at} if at else {})}
            asked = read_asked(report, given, NOW)
            found = await answering.read(connection, schema, report, asked)
            figures = {tuple(row[: len(asked.by)]): row[len(asked.by) :] for row in found.rows}
            expected = knowing.report(name, Question(*asked))
            assert figures == expected, (name, given)
            assert found.as_known_at == asked.at
            filled |= {(name, column) for row in figures.values() for column, value in enumerate(row) if value}
    assert filled == {(name, column) for name, report in REPORTS.items() for column in range(len(report.figures))}


def questions(name):
    yield from QUESTIONS
    for by in OWN.get(name, ()):
        yield ("2026-03-16", "2026-11-20", by, {}, None)


async def test_the_detail_of_each_figure_adds_up_to_it(asking):
    connection, schema, _ = asking
    for report in REPORTS.values():
        given = {"from": "2026-03-16", "to": "2026-11-20", "by": "month,urgency", "subject": "reseau.filtrage"}
        asked = read_asked(report, given, NOW)
        found = await answering.read(connection, schema, report, asked)
        for row in found.rows:
            cell = {f"cell.{axis}": word for axis, word in zip(asked.by, row, strict=False)}
            for column, value in zip(found.columns[2:], row[2:], strict=True):
                detail = read_detail(report, {**given, **cell, "column": column.name, "limit": "100"}, NOW)
                shown = await answering.read_detail(connection, schema, report, *detail)
                minutes = [item.minutes for item in shown.items]
                assert shown.total == len(minutes)
                check(column, value, shown.total, minutes)


def check(column, value, total, minutes):
    """What a figure is, against what its detail lists."""
    if column.unit == "count":
        assert value == total, column
    elif column.unit == "minutes" and column.name == "time_lost":
        assert value == sum(minutes)
    elif column.unit == "minutes":
        share = {"median": 50, "p90": 90, "p99": 99}[column.name.rpartition("_")[2]]
        assert value == oracle.percentile(minutes, share), column
    else:
        assert bool(value) == bool(total), column
