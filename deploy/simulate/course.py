"""One incident on its way: what is done to it, what happens to it by itself, and the mails that tell of both. Pure.

Whatever is decided is decided by intake's and the notifier's own functions; what the notifier would have recorded has
the ids that the notifier would have given.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from typing import Final, NamedTuple
from uuid import UUID, uuid5

import msgspec

from deploy.simulate import rhythm, texts
from deploy.simulate.mails import MAIL_OF, Mail
from deploy.simulate.troubles import Trouble
from deploy.simulate.world import World
from services.intake.incident import commands as c
from services.intake.incident.deciding import Limits, decide
from services.intake.incident.state import State, evolve
from services.notifier.knowledge.solving import resolution
from services.notifier.silence.waiting import after_days, unanswered
from services.notifier.targets.deciding import began, look
from services.notifier.work.planning import BENEFICIARY, REMINDER, REQUESTER, is_told, looks_for
from services.notifier.work.queues import Kind
from shared.events.base import Event, Person
from shared.events.incident import IncidentClosed, IncidentCreated, IncidentEscalated, IncidentRouted
from shared.events.vocabulary import ClosedBy, Message, Stage, Status
from shared.journal.records import START, Append, Meta, NewEvent, Recorded, Series
from shared.targets.due import hours_of

_LIMITS: Final = Limits(documents=20, reopening=timedelta(days=30))
_MOMENT: Final = timedelta(milliseconds=1)
#: How soon a mail is tried again while the server is away.
_RETRY: Final = timedelta(minutes=1)
#: The share of mails that no server takes.
_UNDELIVERABLE: Final = 0.003


class _Watch(NamedTuple):
    """When to look at the targets next, and after which event that was planned."""

    cause: UUID
    at: datetime


class SolvedError(Exception):
    """What was to be done next is not done: meanwhile the incident was resolved with its known error."""


class Course:
    """One incident: what it is now, and the commands that led there.

    Attributes:
        at: the instant of the next thing that is done.
        steps: what is to be appended, in order.
    """

    def __init__(self, world: World, at: datetime, random: Random) -> None:
        self.world, self.at, self.random = world, at, random
        self.stream_id = self.identifier()
        self.created: IncidentCreated
        self.state: State | None = None
        self.steps: list[Append] = []
        self._events: list[Recorded] = []
        self._watch: _Watch | None = None
        self._trouble: Trouble | None = None

    def identifier(self) -> UUID:
        """A random one."""
        return UUID(int=self.random.getrandbits(128), version=4)

    def likely(self, share: float) -> bool:
        """Whether something happens that happens in so many cases."""
        return self.random.random() < share

    def words(self, kind: str) -> str:
        """A text of a kind."""
        return texts.words(kind, self.random)

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

    @property
    def status(self) -> Status:
        """Where the incident stands."""
        if self.state is None:
            raise ValueError("the incident was not created yet")
        return self.state.status

    @property
    def was_late(self) -> bool:
        """Whether a target was missed."""
        events = (recorded.event for recorded in self._events)
        return any(isinstance(event, IncidentEscalated) and event.stage is Stage.MISSED for event in events)

    def pass_time(self, minutes: float) -> None:
        """Let about so much time pass."""
        self.at = rhythm.after(self.at, minutes, self.random)

    def wait_for_assistance(self, minutes: float) -> None:
        """Let about so much time pass, and more until the assistance is at work."""
        self.pass_time(minutes)
        self.at = rhythm.at_work(self.at, hours_of(self.group, "", self.world.catalogue), self.random)

    def do(self, command: c.Command, actor: c.Actor) -> None:
        """What somebody does, and the mails that tell of it.

        Raises:
            SolvedError: something else happened before.
        """
        self._let_pass()
        events = decide(self.state, command, actor, at=self.at, limits=_LIMITS)
        if isinstance(events[0], IncidentCreated):
            self.created = events[0]
        ids = [self.identifier() for _ in events]
        self._record(events, ids, Meta(owner=self.created.requester.id))
        if isinstance(events[0], IncidentCreated):
            self._route(ids[0])
            self._tell(ids[0], Message.CREATION, None)
        elif is_told(events[0]):
            self._tell(ids[0], MAIL_OF[type(command)], actor.person)

    def link(self, trouble: Trouble, agent: c.Actor) -> None:
        """Link it to a known error, whose end is its own."""
        self.do(c.Link(known_error=trouble.number), agent)
        self._trouble = trouble

    @property
    def known_error(self) -> str | None:
        """The number of the one that it is linked to."""
        return self._trouble.number if self._trouble else None

    def fall_silent(self) -> None:
        """Nobody says whether it is solved: the requester is reminded, then the incident is closed."""
        days, warning = self.world.patience
        last = unanswered(self._events)
        if last is None or not days:
            return
        reminded = after_days(self._events, last.recorded_at, days - warning, self.world.catalogue)
        closing = after_days(self._events, reminded, warning, self.world.catalogue) if reminded else None
        if reminded is None or closing is None:
            return
        self.at = max(self.at, reminded)
        self._send(Mail(last.event_id, REMINDER, self.created.requester, Message.REMINDER))
        self.at = max(self.at + _MOMENT, closing)
        event_id = uuid5(last.event_id, "closed by silence")
        self._record([IncidentClosed(closed_by=ClosedBy.SILENCE)], [event_id], Meta(cause=last.event_id))
        self._tell(event_id, Message.CLOSURE, None)

    def _let_pass(self) -> None:
        """What happens by itself before the next thing is done."""
        deed, trouble = self.at, self._trouble
        end = min(deed, trouble.until) if trouble else deed
        while self._watch and self._watch.at < end:
            self._look(self._watch)
        if trouble and trouble.until <= deed:
            self._be_solved(trouble)
        if self._events:
            self.at = max(deed, self._last + _MOMENT)

    def _look(self, watch: _Watch) -> None:
        """Look at the targets as the notifier does, and record what has become of them."""
        self.at = max(self._last, watch.at)
        found = look(self._events, watch.cause, self.world.catalogue, self.at)
        self._watch = watch._replace(at=found.again) if found.again else None
        if found.escalations:
            self._soon()
            first = began(self._events)
            ids = [uuid5(first, f"escalated:{one.target}:{one.stage}") for one in found.escalations]
            self._record(found.escalations, ids, Meta(cause=watch.cause))

    def _be_solved(self, trouble: Trouble) -> None:
        """The known error is solved: so is this incident, unless it was already.

        Raises:
            SolvedError: it was not.
        """
        self._trouble = None
        event = resolution([recorded.event for recorded in self._events], trouble.retired)
        if event is None:
            return
        self.at = max(self._last, trouble.until)
        self._soon()
        event_id = uuid5(trouble.retired_id, f"solved:{self.stream_id}")
        self._record([event], [event_id], Meta(owner=self.created.requester.id, cause=trouble.retired_id))
        self._tell(event_id, Message.RESOLUTION, event.by)
        raise SolvedError

    def _route(self, cause: UUID) -> None:
        route = self.world.routes[self.created.subject]
        event = IncidentRouted(group=route.group, rule=route.rule, why=route.why)
        self._soon()
        self._record([event], [uuid5(cause, "routed")], Meta(cause=cause))

    def _tell(self, cause: UUID, message: Message, author: Person | None) -> None:
        """The mails to whom it concerns and did not do it."""
        for recipient, person in self._concerned():
            if person != author:
                self._send(Mail(cause, recipient, person, message))

    def _send(self, mail: Mail) -> None:
        """A mail, once the server takes it; the share that none takes is told at once."""
        first = self._soon()
        self.at = rhythm.mail_server_back(first)
        attempts, domain = 1 + (self.at - first) // _RETRY, self.world.domain
        if self.likely(_UNDELIVERABLE):
            event_id, event = mail.failed(domain, attempts, self.words("bounces"))
        else:
            event_id, event = mail.sent(domain, attempts, self.at)
        self._record([event], [event_id], Meta(owner=self.created.requester.id, cause=mail.cause))

    def _concerned(self) -> list[tuple[str, Person]]:
        requester, beneficiary = self.created.requester, self.created.beneficiary
        other = [(BENEFICIARY, beneficiary)] if beneficiary and beneficiary != requester else []
        return [(REQUESTER, requester), *other]

    def _soon(self) -> datetime:
        """The machine is quick: moments after what it last did."""
        self.at += timedelta(milliseconds=self.random.randrange(200, 3000))
        return self.at

    @property
    def _last(self) -> datetime:
        return self._events[-1].recorded_at

    def _record(self, events: Iterable[Event], ids: Iterable[UUID], meta: Meta) -> None:
        """Append events now, and plan when to look at the targets next."""
        new = tuple(NewEvent(event_id=i, event=event, meta=meta) for i, event in zip(ids, events, strict=True))
        version = self.state.version if self.state else 0
        series = None if self.state else Series.INCIDENT
        self.steps.append(
            Append(stream_id=self.stream_id, events=new, recorded_at=self.at, expected_version=version, series=series)
        )
        for one in new:
            self.state = evolve(self.state, one.event, self.at)
            self._events.append(self._recorded(one, self.state.version))
        for work in looks_for(self._events[-len(new) :]):
            if work.kind is Kind.TARGET and work.due_at:
                self._watch = _Watch(work.cause.event_id, work.due_at)

    def _recorded(self, new: NewEvent, version: int) -> Recorded:
        return Recorded(
            position=START,
            stream_id=self.stream_id,
            version=version,
            event_id=new.event_id,
            recorded_at=self.at,
            event=new.event,
            meta=new.meta,
        )
