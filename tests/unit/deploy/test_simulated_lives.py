"""Simulated lives are such as real commands, real rules and the real notifier would have made them."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import msgspec
import pytest

from deploy.simulate import cast as casting
from deploy.simulate.batches import batches
from deploy.simulate.lives import World, life
from services.intake.incident.commands import File
from services.intake.incident.state import fold
from services.notifier.mail.letters import message_id
from services.notifier.mail.notices import Silence, notice_for
from services.notifier.work.planning import Kind, work_for
from shared.catalogue import Catalogue, parse_toml
from shared.events.incident import IncidentRouted
from shared.events.notification import ConfirmationSent, NotificationSent
from shared.events.vocabulary import Status
from shared.journal.records import START, Append, Recorded
from shared.routing import route

MONDAY = datetime(2026, 9, 7, 8, 0, tzinfo=UTC)
CATALOGUE = Catalogue.of(parse_toml(Path("deploy/catalogue.toml").read_text(encoding="utf-8")))
SENDER = "CeCoIA <assistance@cecoia.example>"


@pytest.fixture(scope="module")
def world() -> World:
    asking, answering = casting.requesters(300), casting.agents(CATALOGUE.groups)
    chance = Random(7)
    pseudonyms = {one.sub: UUID(int=chance.getrandbits(128), version=4) for one in (*asking, *answering)}
    file = File(id=UUID(int=0), filename="capture.txt", media_type="text/plain", size=3, sha256="0" * 64)
    routes = {code: route(code, CATALOGUE) for code in CATALOGUE.subjects}
    return World(casting.cast(asking, answering, pseudonyms), routes, [file], "cecoia.example")


@pytest.fixture(scope="module")
def lives(world: World) -> list[list[Append]]:
    return [life(world, MONDAY, Random(rank)) for rank in range(400)]


def recorded(commands: list[Append]) -> list[Recorded]:
    news = [(command, new) for command in commands for new in command.events]
    return [
        Recorded(
            position=START,
            stream_id=command.stream_id,
            version=version,
            event_id=new.event_id,
            recorded_at=command.recorded_at,
            event=new.event,
            meta=new.meta,
        )
        for version, (command, new) in enumerate(news, 1)
    ]


def test_the_same_chance_gives_the_same_life(world: World) -> None:
    one, again, other = (life(world, MONDAY, Random(seed)) for seed in (5, 5, 6))
    assert one == again
    assert one != other


def test_commands_follow_each_other(lives: list[list[Append]]) -> None:
    for commands in lives:
        versions = [command.expected_version for command in commands]
        assert versions == [sum(len(before.events) for before in commands[:rank]) for rank in range(len(commands))]
        instants = [command.recorded_at for command in commands]
        assert instants == sorted(set(instants))
        assert [command.series is not None for command in commands] == [True] + [False] * (len(commands) - 1)


def test_lives_are_of_many_kinds(lives: list[list[Append]]) -> None:
    ends = Counter(fold((r.event, r.recorded_at) for r in recorded(commands)).status for commands in lives)
    assert ends[Status.CLOSED] > ends[Status.RESOLVED] > 0
    assert ends[Status.CANCELLED] > 0
    kinds = {type(r.event).__name__ for commands in lives for r in recorded(commands)}
    assert {
        "DocumentAttached",
        "IncidentPutOnHold",
        "IncidentReleased",
        "IncidentResumed",
        "IncidentTransferred",
        "IncidentUpdated",
        "NoteAdded",
        "ReplySent",
    } <= kinds
    assert {"ResolutionRefused", "IncidentReopened"} <= kinds
    assert 8 < sum(len(recorded(commands)) for commands in lives) / len(lives) < 14


def test_every_mail_is_one_that_the_notifier_would_have_sent(lives: list[list[Append]]) -> None:
    for commands in lives:
        events = recorded(commands)
        wanted = {
            (one.cause.event_id, notice.to.id, notice.message, message_id(one.cause.event_id, one.recipient, SENDER))
            for cause in events
            for one in work_for(cause)
            if one.kind is Kind.MAIL
            and not isinstance(notice := notice_for(events, one.cause.event_id, one.recipient), Silence)
        }
        mails = [r.event for r in events if isinstance(r.event, ConfirmationSent | NotificationSent)]
        assert {(mail.cause, mail.to.id, mail.message, mail.message_id) for mail in mails} == wanted
        assert len(mails) == len(wanted)


def test_every_incident_is_routed_by_its_subject(lives: list[list[Append]]) -> None:
    for commands in lives:
        created = commands[0].events[0].event
        (routed,) = [r.event for r in recorded(commands) if isinstance(r.event, IncidentRouted)]
        assert routed.group == CATALOGUE.subjects[created.subject].group


def test_people_are_told_apart_by_their_address() -> None:
    known = [*casting.requesters(1_000_000), *casting.agents(CATALOGUE.groups)]
    assert len({one.sub for one in known}) == len({one.email for one in known}) == len(known) <= 20_100


def test_batches_take_a_stream_once_and_keep_its_order(lives: list[list[Append]]) -> None:
    commands = sorted((command for one in lives for command in one), key=lambda command: command.recorded_at)
    gathered = list(batches(commands, size=50))
    assert all(len({command.stream_id for command in batch}) == len(batch) <= 50 for batch in gathered)
    flat = [command for batch in gathered for command in batch]
    assert len(flat) == len(commands)
    for one in lives:
        assert [command for command in flat if command.stream_id == one[0].stream_id] == one


def test_batches_are_full_where_streams_allow(world: World) -> None:
    births = [msgspec.structs.replace(life(world, MONDAY, Random(1))[0], stream_id=uuid4()) for _ in range(95)]
    assert [len(batch) for batch in batches(births, size=20)] == [20, 20, 20, 20, 15]
