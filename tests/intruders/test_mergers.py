"""Two people whose incidents are merged learn nothing of each other, by no way of reading."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.intruders.conftest import House
from tests.intruders.test_notes import answers, said
from tests.intruders.test_roles import document_of

pytestmark = pytest.mark.slow

#: A word that stands in nothing else, on each side.
SECRETS: Final = {"own": "coquecigrue", "foreign": "billevesée"}
NAMES: Final = {"own": "claire.martin", "foreign": "hugo.petit"}


async def merged(house: House) -> dict[str, str]:
    """Numbers of two incidents, by who asked for each; the one of `own` goes on in that of `foreign`."""
    numbers = {who: await house.incident(who, description=f"Voici : {word}.") for who, word in SECRETS.items()}
    for who, number in numbers.items():
        await said(house, who, number, "updates", text=f"Encore : {SECRETS[who]}.")
    await said(house, "agent", numbers["own"], "merge", into=numbers["foreign"])
    await said(house, "agent", numbers["foreign"], "reply", text="On regarde.")
    await said(house, "foreign", numbers["foreign"], "updates", text=f"Alors : {SECRETS['foreign']}.")
    return numbers


async def test_neither_reads_anything_of_the_other(house: House) -> None:
    numbers = await merged(house)
    document = await document_of(house, await house.incident())
    found = {}
    for who, other in (("own", "foreign"), ("foreign", "own")):
        traces = (SECRETS[other], numbers[other], NAMES[other])
        for number in numbers.values():
            async for address, answer in answers(house, who, number, document):
                if any(trace in answer.text for trace in traces):
                    found[who, address] = answer.text
    assert found == {}


async def page(house: House, who: str, number: str) -> dict[str, Any]:
    answer = await house.ask("query", "GET", f"/v1/incidents/{number}", house.bearer(who))
    return dict(answer.raise_for_status().json())


async def test_the_pages_say_what_became_of_both(house: House) -> None:
    numbers = await merged(house)
    own = await page(house, "own", numbers["own"])
    assert (own["status"], own["merged_into"]["status"], own["actions"]) == ("merged", "to_handle", [])
    assert own["merged_into"]["number"] is None
    assert (await page(house, "foreign", numbers["foreign"]))["duplicates"] == []
    seen = [await page(house, "agent", numbers[who]) for who in ("own", "foreign")]
    assert seen[0]["merged_into"]["number"] == numbers["foreign"]
    assert seen[1]["duplicates"] == [numbers["own"]]


async def test_whose_both_are_sees_where_it_goes_on(house: House) -> None:
    one, other, last = [await house.incident() for _ in range(3)]
    await said(house, "agent", one, "merge", into=other)
    await said(house, "agent", other, "merge", into=last)
    await said(house, "own", last, "cancel", text="Réglé.")
    assert (await page(house, "own", one))["merged_into"] == {
        "number": last,
        "status": "cancelled",
        "status_label": "Annulé",
    }
    assert (await page(house, "agent", last))["duplicates"] == [other, one]
