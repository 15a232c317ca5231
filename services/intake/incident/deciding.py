"""What a command makes happen, or why it is not followed.

Pure: time, identifiers and persons are given. Whether a command is possible stands in `shared.permits`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.intake.incident import commands as c
from services.intake.incident import following, merging
from services.intake.incident.state import State
from shared.events import incident as events
from shared.events.base import Event, Person
from shared.events.vocabulary import ClosedBy, HoldReason, Origin, Status
from shared.permits import Party, Place, is_old, obstacle


class Limits(NamedTuple):
    """What the operator allows.

    Attributes:
        documents: most documents that an incident may have.
        reopening: for how long an incident that was closed may be opened again.
    """

    documents: int
    reopening: timedelta


class Refusal(Exception):
    """A command that is not followed, in words for the person who sent it.

    Args:
        code: stable word for programs.
        sentence: French.
        status: HTTP status that fits.
    """

    def __init__(self, code: str, sentence: str, status: int = 409) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.status = status


def decide(
    state: State | None, command: c.Command, actor: c.Actor, *, at: datetime, limits: Limits
) -> tuple[Event, ...]:
    """What the command makes happen.

    Args:
        state: of the incident; None for one that does not exist yet.
        command: what is asked.
        actor: who asks.
        at: when.
        limits: what the operator allows.

    Raises:
        Refusal: it is not possible, or not for this person.
    """
    if isinstance(command, c.Create):
        _check_follows(command, actor, at, limits.reopening)
        return _create(command, actor, limits.documents)
    if state is None or not may_see(state, actor):
        raise Refusal("not-found", "Cet incident n’existe pas ou ne vous est pas accessible.", 404)
    _check_possible(state, command, actor, at, limits.reopening)
    return _DECISIONS[type(command)](state, command, actor, limits.documents)


def may_see(state: State, actor: c.Actor) -> bool:
    """Whether the incident exists as far as this person is concerned."""
    return actor.is_agent or actor.person.id in state.people


def _check_possible(state: State, command: c.Command, actor: c.Actor, at: datetime, reopening: timedelta) -> None:
    name = "update" if isinstance(command, c.Attach) else command.name
    party = _party(state, actor)
    old = is_old(state.closed_at, at, reopening)
    place = Place(state.status, state.group, state.responsible, old, state.given_by)
    if code := obstacle(name, place, party):
        sentence, status = _REFUSALS[code]
        raise Refusal(code, sentence.format(status=state.status.label, time=_days(reopening.days)), status)


def _party(state: State, actor: c.Actor) -> Party:
    return Party(
        person=actor.person.id,
        own=actor.person.id in state.people,
        concerned=actor.person.id in {state.requester, state.beneficiary},
        agent=actor.is_agent,
        supervisor=actor.is_supervisor,
        groups=actor.groups,
    )


def _days(number: int) -> str:
    return f"{number}\u00a0jour{'s' if number > 1 else ''}"


#: Sentence and HTTP status of each obstacle.
_REFUSALS: Final[Mapping[str, tuple[str, int]]] = {
    "role": ("Seul un agent de l’assistance peut faire cela.", 403),
    "concerned": ("Seule la personne qui a été aidée peut donner son avis.", 403),
    "status": ("Cette action n’est pas possible\u00a0: l’incident est au statut «\u00a0{status}\u00a0».", 409),
    "not-taken": ("Personne n’a pris cet incident en charge.", 409),
    "already-yours": ("Vous avez déjà pris cet incident en charge.", 409),
    "already-taken": ("Un autre agent a déjà pris cet incident en charge.", 409),
    "group": ("Cet incident n’attend aucun groupe dont vous faites partie.", 403),
    "old": (
        ("Cet incident est clôturé depuis plus de {time}\u00a0: créez un nouvel incident, qui fera suite à celui-ci."),
        409,
    ),
    "not-routed": ("Cet incident n’attend encore aucun groupe. Réessayez dans un instant.", 409),
    "not-yours": ("Seul l’agent qui a pris l’incident en charge peut le remettre au groupe.", 403),
}


#: The doors that are a requester's own; agents may name any.
_OWN_DOORS: Final = frozenset({Origin.PORTAL, Origin.API})


def _check_follows(command: c.Create, actor: c.Actor, at: datetime, reopening: timedelta) -> None:
    if command.former is None:
        return
    if code := following.obstacle(command.former, command.requester or actor.person, at, reopening):
        raise Refusal(code, following.REFUSALS[code])


def _create(command: c.Create, actor: c.Actor, documents: int) -> tuple[Event, ...]:
    named = command.requester
    requester = actor.person if named is None or named.id == actor.person.id else named
    if requester is not actor.person and not actor.is_agent:
        raise Refusal("requester", "Seul un agent peut enregistrer un incident pour un autre demandeur.", 403)
    if command.origin not in _OWN_DOORS | {actor.door} and not actor.is_agent:
        raise Refusal("origin", "Seul un agent peut enregistrer un incident reçu par une autre voie.", 403)
    created = events.IncidentCreated(
        number="",
        requester=requester,
        beneficiary=command.beneficiary,
        recorded_by=actor.person,
        origin=command.origin,
        phone=command.phone,
        subject=command.subject,
        availability=command.availability,
        urgency=command.urgency,
        description=command.description,
        follows=command.follows,
    )
    return (created, *_attach(frozenset(), command.files, actor.person, documents), *_received(command.mail, actor))


def _update(state: State, command: c.Update, actor: c.Actor, documents: int) -> tuple[Event, ...]:
    attached = _attach(state.documents, command.files, actor.person, documents)
    received = _received(command.mail, actor)
    if not command.changes_something:
        return (*_answered(state, actor, attached), *received)
    updated = events.IncidentUpdated(
        by=actor.person,
        text=command.text,
        phone=command.phone,
        availability=command.availability,
        urgency=command.urgency,
    )
    return (*_answered(state, actor, (updated, *attached)), *received)


def _received(mail: c.Mail | None, actor: c.Actor) -> tuple[Event, ...]:
    """That it came by mail, behind all that it said."""
    return (events.MailReceived(by=actor.person, mail=mail.id, message_id=mail.message_id),) if mail else ()


def _answered(state: State, actor: c.Actor, said: tuple[Event, ...]) -> tuple[Event, ...]:
    """What the requester's side says, and that an incident which waited for it goes on."""
    waited = state.status is Status.ON_HOLD and state.hold is HoldReason.REQUESTER
    if said and waited and actor.person.id in {state.requester, state.beneficiary}:
        return (*said, events.IncidentResumed(by=actor.person))
    return said


def _attached(state: State, command: c.Attach, actor: c.Actor, documents: int) -> tuple[Event, ...]:
    return _answered(state, actor, _attach(state.documents, command.files, actor.person, documents))


def _attach(present: frozenset[UUID], files: Iterable[c.File], by: Person, most: int) -> tuple[Event, ...]:
    files = tuple(files)
    if present & {file.id for file in files}:
        raise Refusal("attached", "Ce document est déjà joint à l’incident.")
    if len(present) + len(files) > most:
        raise Refusal("documents", f"Un incident peut avoir {most} documents au plus.")
    return tuple(
        events.DocumentAttached(
            document=file.id,
            by=by,
            filename=file.filename,
            media_type=file.media_type,
            size=file.size,
            sha256=file.sha256,
        )
        for file in files
    )


def _take(state: State, actor: c.Actor) -> Event:
    """An incident that waits for no group yet goes to one of the agent's own."""
    return events.IncidentTaken(by=actor.person, group=state.group or min(actor.groups))


def _release(state: State, actor: c.Actor) -> Event:
    return events.IncidentReleased(by=actor.person, group=_group(state))


def _transfer(state: State, command: c.Transfer, actor: c.Actor) -> Event:
    if command.group == state.group and command.subject in {None, state.subject}:
        raise Refusal("same-group", "C’est déjà ce groupe qui suit l’incident.")
    return events.IncidentTransferred(
        by=actor.person, from_group=_group(state), group=command.group, subject=command.subject, text=command.text
    )


def _hold(command: c.Hold, actor: c.Actor) -> Event:
    return events.IncidentPutOnHold(by=actor.person, reason=command.reason, until=command.until, text=command.text)


def _merge(state: State, command: c.Merge, actor: c.Actor) -> Event:
    if command.leader is None:
        raise ValueError("the other incident must be read first")
    if code := merging.obstacle(state, command.leader.state):
        raise Refusal(code, merging.REFUSALS[code].format(status=command.leader.state.status.label))
    return merging.merged(command.leader, actor.person)


def _link(state: State, command: c.Link, actor: c.Actor) -> tuple[Event, ...]:
    if command.known_error in state.known_errors:
        raise Refusal("linked", "Cet incident est déjà lié à cette erreur connue.")
    return (events.KnownErrorLinked(by=actor.person, known_error=command.known_error),)


def _resolve(state: State, command: c.Resolve, actor: c.Actor) -> tuple[Event, ...]:
    """What is solved by a known error is linked to it."""
    error = command.known_error
    resolved = events.IncidentResolved(by=actor.person, text=command.text, known_error=error)
    if error is None or error in state.known_errors:
        return (resolved,)
    return (events.KnownErrorLinked(by=actor.person, known_error=error), resolved)


def _group(state: State) -> str:
    if state.group is None:
        raise ValueError("what was taken or routed waits for a group")
    return state.group


def _confirm(actor: c.Actor) -> Event:
    """Whoever types it, the requester says so."""
    return events.IncidentClosed(by=actor.person, closed_by=ClosedBy.REQUESTER)


def _refuse(state: State, command: c.Refuse, actor: c.Actor) -> Event:
    return events.ResolutionRefused(by=actor.person, reason=command.text, responsible=state.responsible)


def _reopen(state: State, command: c.Reopen, actor: c.Actor) -> Event:
    return events.IncidentReopened(by=actor.person, reason=command.text, responsible=state.responsible)


def _rate(command: c.Rate, actor: c.Actor) -> Event:
    return events.SatisfactionRated(by=actor.person, rating=command.rating, text=command.text)


#: Who may do it and when has been checked; what is left is what it makes happen.
_DECISIONS: Final[Mapping[type[c.Command], Callable[[State, Any, c.Actor, int], tuple[Event, ...]]]] = {
    c.Update: _update,
    c.Attach: _attached,
    c.Take: lambda state, _, actor, __: (_take(state, actor),),
    c.Release: lambda state, _, actor, __: (_release(state, actor),),
    c.Transfer: lambda state, command, actor, __: (_transfer(state, command, actor),),
    c.Reply: lambda _, command, actor, __: (events.ReplySent(by=actor.person, text=command.text),),
    c.Note: lambda _, command, actor, __: (events.NoteAdded(by=actor.person, text=command.text),),
    c.Hold: lambda _, command, actor, __: (_hold(command, actor),),
    c.Resume: lambda _, __, actor, ___: (events.IncidentResumed(by=actor.person),),
    c.Link: lambda state, command, actor, _: _link(state, command, actor),
    c.Resolve: lambda state, command, actor, _: _resolve(state, command, actor),
    c.Confirm: lambda _, __, actor, ___: (_confirm(actor),),
    c.Refuse: lambda state, command, actor, _: (_refuse(state, command, actor),),
    c.Reopen: lambda state, command, actor, _: (_reopen(state, command, actor),),
    c.Rate: lambda _, command, actor, __: (_rate(command, actor),),
    c.Merge: lambda state, command, actor, _: (_merge(state, command, actor),),
    c.Close: lambda _, __, actor, ___: (events.IncidentClosed(by=actor.person, closed_by=ClosedBy.AGENT),),
    c.Cancel: lambda _, command, actor, __: (events.IncidentCancelled(by=actor.person, reason=command.text),),
}
