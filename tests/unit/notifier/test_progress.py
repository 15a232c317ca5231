"""Given a merged incident and the one in which it goes on, when something happens to that one, then this is told."""

from __future__ import annotations

from uuid import UUID

import pytest
from msgspec.structs import replace

from services.notifier.mail.notices import Notice, Silence
from services.notifier.mail.progress import progress_of
from services.notifier.work.planning import BENEFICIARY, REQUESTER
from shared.events.base import ERASED, Event, Person
from shared.events.incident import (
    IncidentCancelled,
    IncidentClosed,
    IncidentCreated,
    IncidentResolved,
    IncidentsMerged,
    IncidentUpdated,
    ReplySent,
    ResolutionRefused,
    Tie,
)
from shared.events.vocabulary import ClosedBy, Message, Status
from tests.unit.notifier.stories import CLAIRE, HUGO, NADIA, created, story

LEADER = UUID(int=8)
MERGED = IncidentsMerged(by=NADIA, into=Tie(number="1181106_0231", stream=LEADER))
JEANNE = Person(id=UUID(int=4), name="Jeanne d’Arc Dupont", email="jeanne.dupont@cecoia.example")
OTHER = created(requester=HUGO, recorded_by=HUGO, beneficiary=JEANNE, phone="+33199005678", description="Chez nous")


def told(
    event: Event,
    *before: Event,
    mine: IncidentCreated | None = None,
    other: IncidentCreated = OTHER,
    recipient: str = REQUESTER,
) -> Notice | Silence:
    leading = story(other, *before, event, stream=LEADER)
    return progress_of(story(mine or created(), MERGED), leading, leading[-1].event_id, recipient)


def news(event: Event, *before: Event) -> Notice:
    found = told(event, *before)
    assert isinstance(found, Notice)
    return found


def test_it_is_a_mail_about_ones_own_incident() -> None:
    found = news(ReplySent(by=NADIA, text="Le serveur redémarre."))
    assert (found.message, found.to, found.number) == (Message.PROGRESS, CLAIRE, "1181106_0230")
    assert (found.status, found.news, found.text) == (Status.MERGED, "ReplySent", "Le serveur redémarre.")
    assert found.description == created().description


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bonjour Hugo Petit,", "Bonjour […],"),
        ("M. PETIT et Mme Dupont", "M. […] et Mme […]"),
        ("écrire à hugo.petit@cecoia.example", "écrire à […]"),
        ("rappel au 01 99 00 56 78 demain", "rappel au […] demain"),
        ("rappel au +33199005678.", "rappel au […]."),
        ("rappel au 01.44.55.66.77", "rappel au […]"),
        ("un petitpoids, d’accord", "un petitpoids, d’accord"),
    ],
)
def test_what_names_the_other_side_is_taken_out(text: str, expected: str) -> None:
    moved = IncidentUpdated(by=HUGO, phone="+33144556677")
    assert news(IncidentResolved(by=NADIA, text=text), moved).text == expected


def test_a_few_digits_are_no_number_of_anybody() -> None:
    found = told(ReplySent(by=NADIA, text="Salle 12"), other=replace(OTHER, phone="12"))
    assert isinstance(found, Notice)
    assert found.text == "Salle 12"


@pytest.mark.parametrize(
    "event",
    [
        ResolutionRefused(by=HUGO, reason="Toujours en salle 12", responsible=NADIA.id),
        IncidentCancelled(by=HUGO, reason="Réglé en salle 12"),
        IncidentClosed(by=NADIA, closed_by=ClosedBy.AGENT, reason="Vu en salle 12"),
        ReplySent(by=NADIA, text=ERASED),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_the_other_side_wrote_stays_there(event: Event) -> None:
    assert news(event).text == ""


def test_who_is_told_already_is_not_told_twice() -> None:
    reply = ReplySent(by=NADIA, text="…")
    assert told(reply, other=created()) is Silence.TOLD
    twin = replace(CLAIRE, id=UUID(int=9), email="Claire.Martin@cecoia.example")
    assert told(reply, other=created(requester=HUGO, beneficiary=twin)) is Silence.TOLD


def test_who_gets_it_follows_the_rules_of_all_mails() -> None:
    reply = ReplySent(by=NADIA, text="…")
    assert told(reply, recipient=BENEFICIARY) is Silence.NOBODY
    assert told(reply, mine=created(requester=replace(CLAIRE, email=None))) is Silence.NO_ADDRESS
    assert told(reply, mine=created(requester=replace(CLAIRE, name=ERASED, email=ERASED))) is Silence.ERASED
    assert told(replace(reply, by=CLAIRE)) is Silence.AUTHOR
