"""What an agent looks at: the address says it all, and nothing that does not exist."""

from __future__ import annotations

from uuid import uuid4

import pytest

from services.portal.queues.saved import view_of
from services.portal.queues.view import SEGMENTS, View
from shared.wire.queues import SavedView

EVERYTHING = {
    "status": "on_hold",
    "responsible": "me",
    "subject": "reseau.wifi",
    "urgency": "high",
    "wait": "requester",
    "q": "mot de passe",
    "sort": "-recorded_at",
}


def test_an_address_holds_the_whole_view() -> None:
    view = View.of("reseau", EVERYTHING)
    assert view.filters == EVERYTHING
    assert View.at(view.address(incident="1261124_0001")) == view


def test_what_is_usual_stands_in_no_address() -> None:
    assert View.of("toutes", {"sort": "pressing", "status": ""}).address() == "/files/toutes"
    assert View(group="reseau", status="to_handle").address(suite="", avis="take") == (
        "/files/reseau?status=to_handle&avis=take"
    )


@pytest.mark.parametrize("name", EVERYTHING.keys() - {"q", "subject"})
def test_what_does_not_exist_counts_as_not_given(name: str) -> None:
    assert View.of("reseau", {name: "nothing"}) == View(group="reseau")


@pytest.mark.parametrize("address", ["", "/", "/incidents/1", "/files/a/b", "//elsewhere.example/files/reseau"])
def test_an_address_that_shows_no_queue_means_all(address: str) -> None:
    assert View.at(address).group in {"", "reseau"}


def test_waiting_for_an_answer_and_having_one_are_asked_differently() -> None:
    assert View(wait="requester").asked() == {"hold": "requester", "sort": "pressing"}
    assert View(wait="answered").asked() == {"your_turn": "true", "sort": "pressing"}


@pytest.mark.parametrize("given", [EVERYTHING, {**EVERYTHING, "wait": "answered"}, {}])
def test_a_saved_view_shows_what_was_saved(given: dict[str, str]) -> None:
    view = View.of("reseau", given)
    saved = SavedView(id=uuid4(), name="x", group=view.group, filters=view.asked(), is_default=False)
    assert view_of(saved) == view
    everywhere = SavedView(id=uuid4(), name="x", group=None, filters={}, is_default=False)
    assert view_of(everywhere) == View()


def test_only_an_order_narrows_nothing() -> None:
    assert not View(sort="recorded_at").is_narrow
    assert View(q="x").is_narrow


def test_filters_are_said_in_words() -> None:
    said = View.of("reseau", EVERYTHING).words([]).replace("\u00a0", " ")
    assert said == (
        "en attente, responsable : moi, urgence élevée, attend la réponse du demandeur, reseau.wifi, « mot de passe »"
    )


def test_each_segment_is_another_view() -> None:
    assert len({View().but(**chosen) for _, chosen in SEGMENTS}) == len(SEGMENTS)
