"""Canned texts as agents read them."""

from shared.events.catalogue import CannedTextDefined, CannedTextRetired
from shared.events.vocabulary import Role
from tests.integration.query.conftest import CATALOGUE


def canned(code, text="Bonjour {demandeur}", **where):
    return CannedTextDefined(canned=code, label=code.capitalize(), text=text, **where)


async def test_agents_read_those_that_are_offered_in_their_order(api, journal, projected):
    await journal.add(CATALOGUE, *(canned(code) for code in "abc"), canned("b", "Au revoir", groups=("reseau",)))
    last = await journal.add(CATALOGUE, CannedTextRetired(canned="a"), canned("d"), canned("a"))
    await projected(last.position)
    answer = await api.as_("nadia", Role.AGENT, groups=("messagerie",)).get("/v1/canned-texts")
    assert [item["canned"] for item in answer.json()["items"]] == ["b", "c", "d", "a"]
    assert answer.json()["items"][0] == {
        "canned": "b",
        "label": "B",
        "text": "Au revoir",
        "subjects": [],
        "groups": ["reseau"],
    }


async def test_requesters_read_none(api):
    assert (await api.as_("claire").get("/v1/canned-texts")).status_code == 403
