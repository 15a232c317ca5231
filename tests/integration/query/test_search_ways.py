"""The ways to find what a search asks for: they give the same pages, and read no more than they say."""

import itertools

import pytest

from services.query.incidents import rows
from services.query.incidents.cursors import SORTS
from shared.events.vocabulary import Role

#: Sizes that send a search the ways of a frequent word, of a rare one, far along, and to all that the index names.
WAYS = {
    "near": {"NEAR": 9, "FAR": 9, "COUNTED": 0},
    "sorted": {"NEAR": 0, "FAR": 0, "COUNTED": 100},
    "far": {"NEAR": 0, "FAR": 100, "COUNTED": 2},
    "all": {"NEAR": 0, "FAR": 0, "COUNTED": 2},
}


def take(monkeypatch, way):
    for name, size in WAYS[way].items():
        monkeypatch.setattr(rows, name, size)


@pytest.fixture
async def agent(api, journal, projected):
    """An agent who can search among twelve incidents, eight of which are about a printer."""
    claire = await journal.person("claire")
    for n in range(12):
        _, last = await journal.create(claire, "Imprimante en panne" if n % 3 else "Clavier cassé")
    await projected(last.position)
    return api.as_("nadia", Role.AGENT)


async def pages(agent, sort, limit=3, before=lambda: None, q="impri"):
    cursor = ""
    while cursor is not None:
        before()
        given = {"scope": "all", "q": q, "sort": sort, "limit": limit, "cursor": cursor}
        page = (await agent.get("/v1/incidents", params=given)).raise_for_status().json()
        yield page
        cursor = page["next"]


async def numbers(found):
    return [item["number"] async for page in found for item in page["items"]]


@pytest.mark.parametrize("sort", [*SORTS, "-updated_at"])
async def test_every_way_gives_the_same_pages(agent, monkeypatch, sort):
    whole = await numbers(pages(agent, sort, limit=100))
    assert len(whole) == 8
    for way in WAYS:
        take(monkeypatch, way)
        assert await numbers(pages(agent, sort)) == whole, way


async def test_a_cursor_goes_on_whichever_way_the_next_page_takes(agent, monkeypatch):
    whole = await numbers(pages(agent, "-updated_at", limit=100))
    for order in itertools.permutations(WAYS, 3):
        ways = iter(order)
        found = await numbers(pages(agent, "-updated_at", before=lambda ways=ways: take(monkeypatch, next(ways))))
        assert found == whole, order


async def test_a_total_is_exact_or_says_that_it_is_a_lower_bound(agent, monkeypatch):
    async def total():
        page = await anext(pages(agent, "-updated_at"))
        return page["total"], page["at_least"]

    assert await total() == (8, False)
    monkeypatch.setattr(rows, "NEAR", 9)
    assert await total() == (6, True)
    monkeypatch.setattr(rows, "NEAR", 0)
    monkeypatch.setattr(rows, "COUNTED", 7)
    monkeypatch.setattr(rows, "FAR", 0)
    assert await total() == (7, True)


async def test_a_frequent_word_never_reaches_the_index_of_words(agent, monkeypatch):
    def asked(*_):
        raise AssertionError("the index of words was asked")

    monkeypatch.setattr(rows, "named", asked)
    monkeypatch.setattr(rows, "ask_index", asked)
    for q in ("imprimante", "i"):
        assert len((await anext(pages(agent, "-updated_at", q=q)))["items"]) == 3
