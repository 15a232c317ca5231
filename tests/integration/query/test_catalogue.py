"""The catalogue as supervisors read it: whole, as a file, its history, and the dry run of other routes."""

from __future__ import annotations

import tomllib

import httpx
import pytest
from msgspec.structs import replace

from shared.catalogue import Catalogue, load
from shared.events.base import ERASED
from shared.events.catalogue import CatalogueChanged, SubjectRetired
from shared.events.vocabulary import Role
from tests.integration.query.conftest import CATALOGUE, Api, Journal


@pytest.fixture
def sophie(api: Api) -> httpx.AsyncClient:
    return api.as_("sophie", Role.SUPERVISOR)


async def known(journal: Journal) -> Catalogue:
    async with journal.pool.acquire() as connection:
        return await load(connection, journal.vault)


async def moved(journal: Journal) -> None:
    """The route of a subject is changed by a supervisor."""
    by = await journal.person("sophie", "Sophie Durand")
    subject = (await known(journal)).subjects["messagerie.acces"]
    said = CatalogueChanged(by=by, reason="Réorganisation")
    await journal.add(CATALOGUE, said, replace(subject, group="reseau"), owner=by.id)


async def test_it_is_shown_whole_with_its_version(journal: Journal, api: Api) -> None:
    await journal.add(CATALOGUE, SubjectRetired(subject="reseau.filtrage"))
    answer = await api.as_("nadia", Role.AGENT).get("/v1/catalogue")
    found = answer.json()
    assert (answer.headers["etag"], found["version"]) == ('"5"', 5)
    assert [group["group"] for group in found["groups"]] == ["messagerie", "reseau"]
    assert [(one["subject"], one["retired"]) for one in found["subjects"]] == [
        ("messagerie.acces", False),
        ("reseau.filtrage", True),
    ]
    assert found["subjects"][0]["group_label"] == "Messagerie et identité"


async def test_it_is_given_as_a_file(journal: Journal, sophie: httpx.AsyncClient) -> None:
    await journal.add(CATALOGUE, SubjectRetired(subject="reseau.filtrage"))
    answer = await sophie.get("/v1/catalogue.toml")
    assert answer.headers["content-type"] == "application/toml; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="catalogue-5.toml"'
    read = tomllib.loads(answer.text)
    assert {code: subject.get("retired") for code, subject in read["subject"].items()} == {
        "messagerie.acces": None,
        "reseau.filtrage": True,
    }


async def test_the_history_says_who_and_why(journal: Journal, sophie: httpx.AsyncClient) -> None:
    await moved(journal)
    newest, first = (await sophie.get("/v1/catalogue/history")).json()["items"]
    assert (newest["by"], newest["reason"], newest["version"]) == ("Sophie Durand", "Réorganisation", 6)
    assert newest["changes"][0]["fields"] == [{"field": "group", "before": "messagerie", "after": "reseau"}]
    assert (first["by"], first["version"], len(first["changes"])) == (None, 4, 4)
    assert (await sophie.get("/v1/catalogue/history?before=6")).json() == {"items": [first], "next": None}
    assert (await sophie.get("/v1/catalogue/history?before=x")).status_code == 422


async def test_an_erased_supervisor_is_forgotten_there_too(journal: Journal, sophie: httpx.AsyncClient, erase) -> None:
    await moved(journal)
    await erase(await journal.person("sophie", "Sophie Durand"))
    (newest, _) = (await sophie.get("/v1/catalogue/history")).json()["items"]
    assert (newest["by"], newest["reason"]) == (ERASED, ERASED)


async def test_the_feed_tells_that_it_changed_and_nothing_personal(journal: Journal, api: Api) -> None:
    await moved(journal)
    answer = await api.as_("entrepot", Role.REPORTING).get("/v1/events?type=CatalogueChanged")
    (item,) = answer.json()["items"]
    assert item["data"]["reason"] is None
    assert item["data"]["by"]["name"] is None


async def test_a_dry_run_tells_where_the_last_incidents_would_go(
    journal: Journal, api: Api, sophie: httpx.AsyncClient, projected
) -> None:
    claire = await journal.person("claire")
    for subject in ("messagerie.acces", "reseau.filtrage", "messagerie.acces"):
        _, last = await journal.create(claire, subject=subject)
    await projected(last.position)
    answer = await sophie.post("/v1/catalogue/dry-run", json={"routes": {"messagerie.acces": "reseau"}})
    found = answer.json()
    assert found["examined"] == 3
    assert [(flow["from_group"], flow["to_group"], flow["incidents"]) for flow in found["flows"]] == [
        ("messagerie", "reseau", 2),
        ("reseau", "reseau", 1),
    ]
    assert [one["number"] for one in found["moved"]][:1] == [last.number]
    assert (await sophie.post("/v1/catalogue/dry-run", json={"routes": {"x": "reseau"}})).status_code == 422
