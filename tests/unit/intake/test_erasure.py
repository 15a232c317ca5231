"""When a person may be forgotten, and what a supervisor may write about it."""

from uuid import uuid4

import pytest

from services.intake.incident.deciding import Refusal
from services.intake.people.erasure import Order, check_text, decide
from shared.events.base import ERASED, Person
from shared.events.person import PersonErased
from shared.events.vocabulary import ErasedFor, Status
from shared.http.problems import Problem

CLAIRE = Person(id=uuid4(), name="Claire Martin", email="claire.martin@cecoia.example")
SOPHIE = Person(id=uuid4(), name="Sophie Durand")
ORDER = Order(reason=ErasedFor.REQUEST, by=SOPHIE, text="Dossier 12")
RUNNING = [status for status in Status if not status.is_final]


@pytest.mark.parametrize("statuses", [[], [Status.CLOSED, Status.CANCELLED, Status.MERGED]])
def test_who_waits_for_nothing_is_forgotten(statuses: list[Status]) -> None:
    assert decide(CLAIRE.id, statuses, ORDER) == PersonErased(
        person=CLAIRE.id, reason=ErasedFor.REQUEST, by=SOPHIE, text="Dossier 12"
    )


@pytest.mark.parametrize("status", RUNNING)
def test_who_waits_for_something_is_not(status: Status) -> None:
    with pytest.raises(Refusal) as refused:
        decide(CLAIRE.id, [Status.CLOSED, status], ORDER)
    assert (refused.value.code, refused.value.status) == ("running", 409)


def test_time_forgets_who_never_confirmed_what_was_resolved() -> None:
    silent = decide(CLAIRE.id, [Status.CLOSED, Status.RESOLVED], Order(reason=ErasedFor.RETENTION))
    assert silent == PersonErased(person=CLAIRE.id, reason=ErasedFor.RETENTION)


@pytest.mark.parametrize("status", [status for status in RUNNING if status is not Status.RESOLVED])
def test_time_forgets_nobody_who_waits_for_something(status: Status) -> None:
    with pytest.raises(Refusal):
        decide(CLAIRE.id, [Status.CLOSED, status], Order(reason=ErasedFor.RETENTION))


@pytest.mark.parametrize("status", RUNNING)
def test_unless_that_is_meant(status: Status) -> None:
    forced = Order(reason=ErasedFor.REQUEST, force=True)
    assert decide(CLAIRE.id, [status], forced) == PersonErased(person=CLAIRE.id, reason=ErasedFor.REQUEST)


@pytest.mark.parametrize("text", ["Mme MARTIN", "claire", "vu avec Claire Martin.", "CLAIRE.MARTIN@cecoia.example"])
def test_a_reference_that_names_the_person_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        check_text(text, CLAIRE)
    assert [error.field for error in refused.value.errors] == ["text"]


@pytest.mark.parametrize("text", ["Dossier RGPD-2018-12", "Reçu de la martinique, éclairée", ""])
def test_another_reference_is_not(text: str) -> None:
    check_text(text, CLAIRE)


def test_a_reference_can_be_sent_again_when_nobody_is_left_to_name() -> None:
    check_text("Demande d’effacement, donnée effacée, dossier 12", Person(id=CLAIRE.id, name=ERASED, email=ERASED))
