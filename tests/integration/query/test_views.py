"""Saved views: each agent's own, one to begin with, gone with the key of their person."""

from uuid import uuid4

import pytest

from services.query.saved import shelf
from shared.events.vocabulary import Role

PATH = "/v1/me/views"
VIEW = {"name": "Bloquantes", "group": "messagerie", "filters": {"urgency": "critical", "q": "Élodie"}}


@pytest.fixture
async def agents(api, journal, projected):
    """Two agents of the same group."""
    _, outcome = await journal.create(await journal.person("claire"))
    await projected(outcome.position)
    return [api.as_(sub, Role.AGENT, groups=("messagerie",)) for sub in ("nadia", "lucas")]


async def names(agent):
    items = (await agent.get(PATH)).raise_for_status().json()["items"]
    return [(item["name"], item["is_default"]) for item in items]


async def test_a_view_is_its_person_s_alone(agents):
    nadia, lucas = agents
    saved = (await nadia.post(PATH, json=VIEW)).raise_for_status().json()
    assert {name: saved[name] for name in VIEW} == VIEW
    assert (await nadia.get(PATH)).json()["items"] == [saved]
    assert await names(lucas) == []
    assert (await lucas.delete(f"{PATH}/{saved['id']}")).status_code == 404
    assert (await nadia.delete(f"{PATH}/{saved['id']}")).status_code == 204
    assert (await nadia.delete(f"{PATH}/{saved['id']}")).status_code == 404
    assert await names(nadia) == []


async def test_a_name_stands_for_one_view_and_one_view_is_the_first(agents):
    nadia, _ = agents
    for name, is_default in (("a", True), ("b", False), ("c", True), ("b", False)):
        (await nadia.post(PATH, json={"name": name, "is_default": is_default})).raise_for_status()
    assert await names(nadia) == [("a", False), ("b", False), ("c", True)]
    (await nadia.post(PATH, json={"name": "c"})).raise_for_status()
    assert await names(nadia) == [("a", False), ("b", False), ("c", False)]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"group": "reseau"}, "group"),
        ({"group": "nowhere"}, "group"),
        ({"filters": {"urgency": "none"}}, "filters.urgency"),
        ({"filters": {"q": "x" * 201}}, "filters.q"),
        ({"filters": {"colour": "red"}}, "filters.colour"),
        ({"more": 1}, "more"),
    ],
)
async def test_what_no_queue_could_be_asked_is_refused(agents, changed, field):
    answer = await agents[0].post(PATH, json={**VIEW, **changed})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_there_is_an_end_to_saving(agents, monkeypatch):
    monkeypatch.setattr(shelf, "MOST", 2)
    for name in ("a", "b", "a"):
        assert (await agents[0].post(PATH, json={"name": name})).status_code == 201
    assert (await agents[0].post(PATH, json={"name": "c"})).status_code == 422


async def test_nothing_of_it_is_in_the_clear_and_it_goes_with_its_key(agents, api, journal, query_pool):
    nadia, _ = agents
    (await nadia.post(PATH, json=VIEW)).raise_for_status()
    rows = await query_pool.fetch("select * from query.views")
    assert not any(word in str(rows) for word in ("Bloquantes", "critical", "lodie", "messagerie"))
    assert (await nadia.get("/v1/me/export")).json()["views"][0]["name"] == "Bloquantes"
    person = await journal.person("nadia")
    api.app.state.context.vault.forget([person.id])
    assert await names(nadia) == []


async def test_a_sealed_view_opens_in_its_own_place_only(journal):
    person = (await journal.person("nadia")).id
    place = uuid4()
    sealed = await journal.vault.seal_text(person, place, "view", "Bloquantes")
    assert await journal.vault.unseal_text(person, place, "view", sealed) == "Bloquantes"
    journal.vault.forget([person])
    assert await journal.vault.unseal_text(person, place, "view", sealed) is None
    with pytest.raises(LookupError):
        await journal.vault.seal_text(person, place, "view", "Bloquantes")
