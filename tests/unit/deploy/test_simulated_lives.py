"""Simulated lives are such as real commands, real rules and the real notifier would have made them."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import msgspec
import pytest

from deploy.simulate import cast as casting
from deploy.simulate.batches import batches
from deploy.simulate.lives import life
from deploy.simulate.rhythm import Day
from deploy.simulate.troubles import Trouble, begun
from deploy.simulate.world import Patience, World
from services.intake.incident.commands import File
from services.intake.incident.state import fold
from services.notifier.knowledge.solving import resolution
from services.notifier.mail.letters import message_id
from services.notifier.mail.notices import Silence, notice_for
from services.notifier.silence.waiting import after_days, unanswered
from services.notifier.targets.deciding import look
from services.notifier.work.planning import Kind, moves_targets, work_for
from shared.catalogue import Catalogue, parse_toml
from shared.events.incident import (
    IncidentClosed,
    IncidentEscalated,
    IncidentRouted,
    KnownErrorLinked,
    SatisfactionRated,
)
from shared.events.notification import ConfirmationSent, NotificationFailed, NotificationSent
from shared.events.vocabulary import ClosedBy, Message, Stage, Status
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
    cast = casting.cast(asking, answering, pseudonyms)
    return World(cast, CATALOGUE, routes, [file], "cecoia.example", Patience(5, 2))


@pytest.fixture(scope="module")
def troubles(world: World) -> list[Trouble]:
    """Some that hold when lives begin, and are solved while they last."""
    monday, agents = Day(date(2026, 9, 7), 400), world.cast.agents["accueil"]
    found = [one for seed in range(200) for one in begun(monday, sorted(world.routes), agents, Random(f"error:{seed}"))]
    return [
        one.numbered(f"E260907_{rank:04}")._replace(since=MONDAY, until=MONDAY + timedelta(hours=rank))
        for rank, one in enumerate(found[:20], 1)
    ]


@pytest.fixture(scope="module")
def lives(world: World, troubles: list[Trouble]) -> list[list[Append]]:
    return [life(world, MONDAY, Random(rank), troubles) for rank in range(600)]


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
    assert ends[Status.CLOSED] > ends[Status.CANCELLED] > 0
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
    assert {"ResolutionRefused", "IncidentReopened", "NotificationFailed"} <= kinds
    assert 8 < sum(len(recorded(commands)) for commands in lives) / len(lives) < 14


def test_targets_are_told_as_the_notifier_tells_them(lives: list[list[Append]]) -> None:
    """Each escalation is what a look at that instant comes to, and none that was due is missing at the next deed."""
    stages = Counter[Stage]()
    for commands in lives:
        events = recorded(commands)
        for rank, one in enumerate(events[1:], 1):
            before = events[:rank]
            cause = [r for r in before if moves_targets(r.event)][-1]
            found = look(before, cause.event_id, CATALOGUE, one.recorded_at).escalations
            if isinstance(one.event, IncidentEscalated):
                assert one.event in found
                stages[one.event.stage] += 1
            elif one.meta.cause is None and one.recorded_at - cause.recorded_at > timedelta(minutes=2):
                assert found == ()
    assert min(stages[Stage.NEAR], stages[Stage.MISSED]) > 20


def test_silence_closes_as_the_notifier_closes(lives: list[list[Append]]) -> None:
    closed = 0
    for commands in lives:
        events = recorded(commands)
        for rank, one in enumerate(events):
            if isinstance(one.event, IncidentClosed) and one.event.closed_by is ClosedBy.SILENCE:
                reminder, last = events[rank - 1], unanswered(events[:rank])
                assert last is not None
                assert isinstance(reminder.event, NotificationSent | NotificationFailed)
                assert (reminder.event.message, reminder.event.cause) == (Message.REMINDER, last.event_id)
                assert after_days(events[:rank], last.recorded_at, 5, CATALOGUE) == one.recorded_at
                closed += 1
    assert closed > 60


def test_known_errors_are_linked_and_solve_what_is_open(lives: list[list[Append]], troubles: list[Trouble]) -> None:
    ends = {one.number: one for one in troubles}
    solved = 0
    for commands in lives:
        events = recorded(commands)
        for rank, one in enumerate(events):
            if isinstance(one.event, KnownErrorLinked):
                trouble = ends[one.event.known_error]
                assert one.recorded_at < trouble.until
                assert trouble.subject == events[0].event.subject
            if one.meta.cause in {trouble.retired_id for trouble in troubles}:
                (trouble,) = [each for each in troubles if each.retired_id == one.meta.cause]
                assert one.event == resolution([r.event for r in events[:rank]], trouble.retired)
                solved += 1
    assert solved > 5


def test_about_a_third_of_those_who_were_helped_say_how_content_they_are(lives: list[list[Append]]) -> None:
    events = [recorded(commands) for commands in lives]
    closed = sum(any(isinstance(r.event, IncidentClosed) for r in one) for one in events)
    ratings = [r.event.rating for one in events for r in one if isinstance(r.event, SatisfactionRated)]
    assert 0.25 < len(ratings) / closed < 0.45
    assert set(ratings) == {1, 2, 3, 4, 5}


def test_a_few_people_ask_often(world: World) -> None:
    chance = Random(1)
    ranks = Counter(world.cast.who_asks(chance) for _ in range(3000))
    often = [count for rank, count in ranks.items() if world.cast.is_regular(rank)]
    assert 1 <= len(often) <= max(1, len(world.cast.requesters) // 50)
    assert min(often) > 2 * 3000 / len(world.cast.requesters)


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
        kinds = ConfirmationSent | NotificationSent | NotificationFailed
        mails = [r.event for r in events if isinstance(r.event, kinds) and r.event.message is not Message.REMINDER]
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
