"""What a requester says of how they were helped, on the page of the incident; without a script."""

from __future__ import annotations

import re

import pytest

from tests.integration.portal.conftest import Person
from tests.integration.portal.services import World
from tests.integration.portal.test_answering import NUMBER, shown
from tests.integration.portal.test_following import INCIDENT, created

ADDRESS = f"{INCIDENT}/satisfaction"


@pytest.fixture(params=["resolved", "closed"])
async def helped(claire: Person, world: World, request: pytest.FixtureRequest) -> Person:
    await created(claire)
    world.incidents[NUMBER] |= {"status": request.param, "actions": ["rate"]}
    return claire


def radios(page: str) -> list[tuple[str, str, bool]]:
    """Value, words and choice of each answer."""
    found = re.findall(r'<input id="satisfaction-\d" type="radio" name="rating" value="(\d)"( checked)?>([^<]+)<', page)
    return [(value, words, bool(checked)) for value, checked, words in found]


async def test_five_answers_are_offered_and_none_is_chosen(helped: Person) -> None:
    answers = radios(await shown(helped))
    assert [value for value, _, _ in answers] == list("12345")
    assert (answers[0][1], answers[-1][1]) == ("Très insatisfait", "Très satisfait")
    assert not any(chosen for _, _, chosen in answers)


async def test_an_answer_is_sent_once_and_thanked_for(helped: Person, world: World) -> None:
    form = await helped.form(INCIDENT, ADDRESS)
    for _ in range(2):
        sent = await helped.post(ADDRESS, form | {"rating": "4", "text": "Rapide."})
        assert sent.headers["location"] == f"{INCIDENT}?avis=satisfaction#avis"
    assert world.updates == [(NUMBER, "rate", {"rating": 4, "text": "Rapide."})]
    assert "Merci, votre avis est enregistré." in await shown(helped, sent.headers["location"])


async def test_words_are_not_needed(helped: Person, world: World) -> None:
    await helped.post(ADDRESS, await helped.form(INCIDENT, ADDRESS) | {"rating": "5", "text": " "})
    assert world.updates == [(NUMBER, "rate", {"rating": 5})]


async def test_an_answer_is_needed(helped: Person, world: World) -> None:
    form = await helped.form(INCIDENT, ADDRESS)
    answer = await helped.post(ADDRESS, form)
    assert answer.status_code == 422
    assert 'href="#satisfaction-1">Votre avis&nbsp;: choisissez une des réponses</a>' in answer.text
    assert world.updates == []


async def test_who_said_something_sees_it_and_may_change_it(helped: Person, world: World) -> None:
    world.incidents[NUMBER]["opinion"] = {"rating": 2, "label": "Insatisfait", "text": "Trop long."}
    page = await shown(helped)
    assert "insatisfait. Le modifier" in page
    assert [value for value, _, chosen in radios(page) if chosen] == ["2"]
    assert "Trop long.</textarea>" in page


async def test_who_only_wrote_it_down_is_not_asked(helped: Person, world: World) -> None:
    world.incidents[NUMBER] |= {"actions": [], "takes_part": False}
    assert radios(await shown(helped)) == []
