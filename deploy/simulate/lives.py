"""The lives of incidents: who does what when, decided by the same functions as real commands. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final, NamedTuple
from uuid import UUID, uuid5

import msgspec

from deploy.simulate import rhythm, texts
from deploy.simulate.cast import Cast
from services.intake.incident import commands as c
from services.intake.incident.deciding import Limits, decide
from services.intake.incident.state import State, evolve
from services.notifier.work.planning import BENEFICIARY, REQUESTER, is_told
from shared.events.base import Event, Person
from shared.events.incident import IncidentCreated, IncidentRouted
from shared.events.notification import ConfirmationSent, NotificationSent
from shared.events.vocabulary import HoldReason, Message, Origin, Urgency
from shared.journal.records import Append, Meta, NewEvent, Series
from shared.routing import Route

_LIMITS: Final = Limits(documents=20, reopening=timedelta(days=30))
#: The group that records what comes by phone and mail.
_FRONT_OFFICE: Final = "accueil"
#: Minutes.
_DAY: Final = 24 * 60
#: Working minutes until somebody takes it, on average.
_PATIENCE: Final = {Urgency.LOW: 300, Urgency.NORMAL: 150, Urgency.HIGH: 45, Urgency.CRITICAL: 15}
_URGENCIES: Final = (list(_PATIENCE), (25, 50, 20, 5))
_ORIGINS: Final = ([Origin.PORTAL, Origin.PHONE, Origin.EMAIL], (80, 15, 5))
_MAIL_OF: Final[dict[type[c.Command], Message]] = {
    c.Update: Message.UPDATE,
    c.Take: Message.TAKEN,
    c.Reply: Message.REPLY,
    c.Hold: Message.HOLD,
    c.Resolve: Message.RESOLUTION,
    c.Confirm: Message.CLOSURE,
    c.Refuse: Message.REFUSAL,
    c.Close: Message.CLOSURE,
    c.Cancel: Message.CANCELLATION,
    c.Reopen: Message.REOPENING,
}


class World(NamedTuple):
    """What all lives have in common.

    Attributes:
        cast: who takes part.
        routes: where the rules of the notifier send each subject.
        files: documents that lie in the store.
        domain: of Message-IDs.
    """

    cast: Cast
    routes: Mapping[str, Route]
    files: Sequence[c.File]
    domain: str


class _Life:
    """One incident on its way: what it is now, and the commands that led there."""

    def __init__(self, world: World, at: datetime, random: Random) -> None:
        self.world, self.at, self.random = world, at, random
        self.stream_id = self.identifier()
        self.created: IncidentCreated
        self.state: State | None = None
        self.steps: list[Append] = []

    def identifier(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def likely(self, share: float) -> bool:
        return self.random.random() < share

    def pass_time(self, minutes: float) -> None:
        self.at = rhythm.after(self.at, minutes, self.random)

    def wait_for_assistance(self, minutes: float) -> None:
        self.pass_time(minutes)
        self.at = rhythm.at_work(self.at, self.random)

    def do(self, command: c.Command, actor: c.Actor) -> None:
        """What somebody does, and the mails that tell of it."""
        events = decide(self.state, command, actor, at=self.at, limits=_LIMITS)
        if isinstance(events[0], IncidentCreated):
            self.created = events[0]
        ids = [self.identifier() for _ in events]
        self._record(events, ids, Meta(owner=self.created.requester.id), self.at)
        if isinstance(events[0], IncidentCreated):
            self._route(ids[0])
            self._mail(ids[0], Message.CREATION, None)
        elif is_told(events[0]):
            self._mail(ids[0], _MAIL_OF[type(command)], actor.person)

    def _route(self, cause: UUID) -> None:
        route = self.world.routes[self.created.subject]
        event = IncidentRouted(group=route.group, rule=route.rule, why=route.why)
        self._record([event], [uuid5(cause, "routed")], Meta(cause=cause), self._soon())

    def _mail(self, cause: UUID, message: Message, author: Person | None) -> None:
        """The mails to whom it concerns and did not do it; event id and Message-ID are those of the notifier."""
        kind = ConfirmationSent if message is Message.CREATION else NotificationSent
        for recipient, person in self._concerned():
            if person == author:
                continue
            letter, sent_at = f"<{uuid5(cause, f'mail:{recipient}')}@{self.world.domain}>", self._soon()
            event = kind(to=person, message=message, message_id=letter, cause=cause, attempts=1, sent_at=sent_at)
            meta = Meta(owner=self.created.requester.id, cause=cause)
            self._record([event], [uuid5(cause, f"mail:{recipient}:sent")], meta, sent_at)

    def _concerned(self) -> list[tuple[str, Person]]:
        requester, beneficiary = self.created.requester, self.created.beneficiary
        other = [(BENEFICIARY, beneficiary)] if beneficiary and beneficiary != requester else []
        return [(REQUESTER, requester), *other]

    def _soon(self) -> datetime:
        """The machine is quick: moments after what it last did."""
        self.at += timedelta(milliseconds=self.random.randrange(200, 3000))
        return self.at

    def _record(self, events: Sequence[Event], ids: Sequence[UUID], meta: Meta, at: datetime) -> None:
        new = tuple(NewEvent(event_id=i, event=event, meta=meta) for i, event in zip(ids, events, strict=True))
        version = self.state.version if self.state else 0
        series = None if self.state else Series.INCIDENT
        self.steps.append(
            Append(stream_id=self.stream_id, events=new, recorded_at=at, expected_version=version, series=series)
        )
        for event in events:
            self.state = evolve(self.state, event, at)

    def some_files(self, share: float) -> tuple[c.File, ...]:
        """Mostly nothing, sometimes one of the documents in the store."""
        if not self.likely(share):
            return ()
        return (msgspec.structs.replace(self.random.choice(self.world.files), id=self.identifier()),)

    @property
    def group(self) -> str:
        """The group that the incident waits for."""
        if self.state is None or self.state.group is None:
            raise ValueError("the incident was not routed yet")
        return self.state.group

    def words(self, kind: str) -> str:
        return texts.words(kind, self.random)


def life(world: World, created_at: datetime, random: Random) -> list[Append]:
    """All commands of one incident, in order; the last may lie after any present.

    Args:
        world: what it happens in.
        created_at: instant of the first.
        random: decides the rest.
    """
    one = _Life(world, created_at, random)
    requester = random.choice(world.cast.requesters)
    _create(one, requester)
    if one.likely(0.25):
        one.pass_time(120)
        one.do(c.Update(text=one.words("updates"), files=one.some_files(0.2)), requester)
    if one.likely(0.04):
        one.pass_time(60)
        one.do(c.Cancel(text=one.words("cancellations")), requester)
    else:
        _be_answered(one, requester)
    return one.steps


def _create(one: _Life, requester: c.Actor) -> None:
    """Most use the portal; what comes by phone or mail is recorded by the front office."""
    random, cast = one.random, one.world.cast
    (origin,) = random.choices(*_ORIGINS)
    own = origin is Origin.PORTAL
    subject = random.choice(list(one.world.routes))
    create = c.Create(
        phone=f"+331990{random.randrange(10_000, 99_999)}",
        subject=subject,
        availability=one.words("availabilities"),
        urgency=random.choices(*_URGENCIES)[0],
        description=texts.description(subject, random),
        origin=origin,
        requester=None if own else requester.person,
        beneficiary=random.choice(cast.requesters).person if one.likely(0.08) else None,
        files=one.some_files(0.12) if own else (),
    )
    one.do(create, requester if own else random.choice(cast.agents[_FRONT_OFFICE]))


def _be_answered(one: _Life, requester: c.Actor) -> None:
    """The way from the queue to the end."""
    if one.likely(0.06):
        _transfer(one)
    agent = _take(one, _PATIENCE[one.created.urgency])
    if one.likely(0.05):
        one.wait_for_assistance(60)
        one.do(c.Release(), agent)
        agent = _take(one, 60)
    while one.likely(0.35):
        one.wait_for_assistance(90)
        one.do(c.Reply(text=one.words("replies")), agent)
        if one.likely(0.7):
            one.pass_time(180)
            one.do(c.Update(text=one.words("updates"), files=one.some_files(0.15)), requester)
    if one.likely(0.12):
        one.wait_for_assistance(20)
        one.do(c.Note(text=one.words("notes")), agent)
    if one.likely(0.15):
        _wait(one, agent, requester)
    _resolve(one, agent)
    if one.likely(0.05):
        one.pass_time(600)
        one.do(c.Refuse(text=one.words("refusals")), requester)
        _resolve(one, agent)
    _be_closed(one, requester, agent)


def _be_closed(one: _Life, requester: c.Actor, agent: c.Actor) -> None:
    """Half of the requesters confirm, most others are closed by the assistance; a few problems come back."""
    if one.likely(0.5):
        one.pass_time(300)
        one.do(c.Confirm(), requester)
    elif one.likely(0.8):
        one.wait_for_assistance(2 * _DAY)
        one.do(c.Close(), agent)
    else:
        return
    if one.likely(0.03):
        one.pass_time(2 * _DAY)
        one.do(c.Reopen(text=one.words("reopenings")), requester)
        _resolve(one, agent)
        one.pass_time(300)
        one.do(c.Confirm(), requester)


def _take(one: _Life, minutes: float) -> c.Actor:
    agent = one.random.choice(one.world.cast.agents[one.group])
    one.wait_for_assistance(minutes)
    one.do(c.Take(), agent)
    return agent


def _transfer(one: _Life) -> None:
    """What came to the wrong group is seen there and sent on."""
    agent = one.random.choice(one.world.cast.agents[one.group])
    one.wait_for_assistance(30)
    others = sorted(one.world.cast.agents.keys() - {one.group})
    one.do(c.Transfer(group=one.random.choice(others), text=one.words("transfers")), agent)


def _wait(one: _Life, agent: c.Actor, requester: c.Actor) -> None:
    """A hold and its end: for an answer, or for somebody outside. None has a date, which the notifier would watch."""
    one.wait_for_assistance(60)
    if one.likely(0.6):
        one.do(c.Hold(reason=HoldReason.REQUESTER, text=one.words("replies")), agent)
        one.pass_time(_DAY)
        one.do(c.Update(text=one.words("updates")), requester)
    else:
        one.do(c.Hold(reason=HoldReason.THIRD_PARTY, text=one.words("holds")), agent)
        one.wait_for_assistance(3 * _DAY)
        one.do(c.Resume(), agent)


def _resolve(one: _Life, agent: c.Actor) -> None:
    one.wait_for_assistance(240)
    one.do(c.Resolve(text=one.words("resolutions")), agent)
