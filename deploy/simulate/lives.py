"""The lives of incidents: who does what when, in words of the texts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from random import Random
from typing import Final

from deploy.simulate import texts
from deploy.simulate.course import Course, SolvedError
from deploy.simulate.troubles import Trouble, holding
from deploy.simulate.world import World
from services.intake.incident import commands as c
from shared.events.vocabulary import HoldReason, Origin, Status, Urgency
from shared.journal.records import Append

#: The group that records what comes by phone and mail.
_FRONT_OFFICE: Final = "accueil"
#: Minutes.
_DAY: Final = 24 * 60
#: Working minutes until somebody takes it, on average.
_PATIENCE: Final = {Urgency.LOW: 300, Urgency.NORMAL: 150, Urgency.HIGH: 45, Urgency.CRITICAL: 15}
_URGENCIES: Final = (list(_PATIENCE), (25, 50, 20, 5))
_ORIGINS: Final = ([Origin.PORTAL, Origin.PHONE, Origin.EMAIL], (80, 15, 5))
#: The shares of the ratings from 1 to 5, of what was in time and of what was late; those up to 2 complain.
_RATINGS, _COMPLAINT = (1, 2, 3, 4, 5), 2
_CONTENT, _DISCONTENT = (2, 4, 12, 42, 40), (15, 22, 25, 25, 13)


def life(world: World, created_at: datetime, random: Random, troubles: Sequence[Trouble] = ()) -> list[Append]:
    """All commands of one incident, in order; the last may lie after any present.

    Args:
        world: what it happens in.
        created_at: instant of the first.
        random: decides the rest.
        troubles: known errors that it may come of.
    """
    one = Course(world, created_at, random)
    requester = _create(one, holding(troubles, created_at))
    if one.likely(0.25):
        one.pass_time(120)
        one.do(c.Update(text=one.words("updates"), files=one.some_files(0.2)), requester)
    if one.likely(0.04):
        one.pass_time(60)
        one.do(c.Cancel(text=one.words("cancellations")), requester)
    else:
        _be_answered(one, requester, troubles)
    return one.steps


def _create(one: Course, troubles: Sequence[Trouble]) -> c.Actor:
    """Somebody asks. Most use the portal; what comes by phone or mail is recorded by the front office."""
    random, cast = one.random, one.world.cast
    rank = cast.who_asks(random)
    requester = cast.requesters[rank]
    (origin,) = random.choices(*_ORIGINS)
    own = origin is Origin.PORTAL
    subject = _subject(one, rank, troubles)
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
    return requester


def _subject(one: Course, rank: int, troubles: Sequence[Trouble]) -> str:
    """What is broken for many is asked for by many; those who write often write about much the same."""
    subjects = list(one.world.routes)
    if troubles and one.likely(0.15):
        return one.random.choice(troubles).subject
    if one.world.cast.is_regular(rank) and one.likely(0.6):
        return subjects[rank % len(subjects)]
    return one.random.choice(subjects)


def _be_answered(one: Course, requester: c.Actor, troubles: Sequence[Trouble]) -> None:
    """The way from the queue to the end."""
    if one.likely(0.06):
        _transfer(one)
    agent = _take(one, _PATIENCE[one.created.urgency])
    with suppress(SolvedError):
        agent = _be_handled(one, requester, agent, troubles)
        _resolve(one, agent)
    if one.likely(0.05):
        one.pass_time(600)
        one.do(c.Refuse(text=one.words("refusals")), requester)
        _resolve(one, agent)
    _be_closed(one, requester, agent)


def _be_handled(one: Course, requester: c.Actor, agent: c.Actor, troubles: Sequence[Trouble]) -> c.Actor:
    """What is said and done before it is resolved; gives the agent who has it at the end."""
    if one.likely(0.05):
        one.wait_for_assistance(60)
        one.do(c.Release(), agent)
        agent = _take(one, 60)
    _recognise(one, agent, troubles)
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
    return agent


def _recognise(one: Course, agent: c.Actor, troubles: Sequence[Trouble]) -> None:
    """An agent sees of which known error it comes."""
    one.wait_for_assistance(10)
    explaining = [trouble for trouble in holding(troubles, one.at) if trouble.subject == one.created.subject]
    if explaining and one.likely(0.7):
        one.link(explaining[-1], agent)


def _be_closed(one: Course, requester: c.Actor, agent: c.Actor) -> None:
    """Half of the requesters confirm, silence closes most others; a few problems come back."""
    if one.likely(0.5):
        one.pass_time(300)
        one.do(c.Confirm(), requester)
    elif one.likely(0.3):
        one.wait_for_assistance(2 * _DAY)
        one.do(c.Close(), agent)
    else:
        one.fall_silent()
    if one.status is not Status.CLOSED:
        return
    if one.likely(0.33):
        _rate(one, requester)
    if one.likely(0.03):
        one.pass_time(2 * _DAY)
        one.do(c.Reopen(text=one.words("reopenings")), requester)
        _resolve(one, agent)
        one.pass_time(300)
        one.do(c.Confirm(), requester)


def _rate(one: Course, requester: c.Actor) -> None:
    """Who had to wait is less content, and says so."""
    (rating,) = one.random.choices(_RATINGS, _DISCONTENT if one.was_late else _CONTENT)
    words = one.words("complaints" if rating <= _COMPLAINT else "thanks") if one.likely(0.3) else None
    one.pass_time(300)
    one.do(c.Rate(rating=rating, text=words), requester)


def _take(one: Course, minutes: float) -> c.Actor:
    agent = one.random.choice(one.world.cast.agents[one.group])
    one.wait_for_assistance(minutes)
    one.do(c.Take(), agent)
    return agent


def _transfer(one: Course) -> None:
    """What came to the wrong group is seen there and sent on."""
    agent = one.random.choice(one.world.cast.agents[one.group])
    one.wait_for_assistance(30)
    others = sorted(one.world.cast.agents.keys() - {one.group})
    one.do(c.Transfer(group=one.random.choice(others), text=one.words("transfers")), agent)


def _wait(one: Course, agent: c.Actor, requester: c.Actor) -> None:
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


def _resolve(one: Course, agent: c.Actor) -> None:
    """With its known error, where it was linked to one and that helped; unless the end of that one was faster."""
    one.wait_for_assistance(240)
    error = one.known_error if one.likely(0.5) else None
    with suppress(SolvedError):
        one.do(c.Resolve(text=one.words("resolutions"), known_error=error), agent)
