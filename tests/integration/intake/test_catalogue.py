"""Supervisors change the catalogue over HTTP; what they change is recorded with who and why, and a start keeps it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from services.intake.seed import seed
from shared.catalogue import CATALOGUE_STREAM, Catalogue
from shared.database import Pool
from shared.events.catalogue import CatalogueChanged, SubjectDefined
from shared.events.vocabulary import Kind
from shared.journal.read import read_stream
from shared.journal.records import Recorded
from shared.journal.sealing import Vault
from shared.settings import Settings
from tests.support.intake import CATALOGUE, FORM

TARGETS = {"low": 960, "normal": 480, "high": 120, "critical": 60}
SUBJECT: dict[str, Any] = {
    "label": "Messagerie : connexion impossible",
    "kind": "incident",
    "group": "reseau",
    "take": TARGETS,
    "resolve": {name: 5 * minutes for name, minutes in TARGETS.items()},
    "reason": "Les réseaux suivent les connexions.",
}
GROUP = {"label": "Visio", "mail": "visio@cecoia.example", "calendar": "standard", "reason": "Nouvelle équipe."}
ACCESS = "/v1/catalogue/subjects/messagerie.acces"
NEW_GROUP = "/v1/catalogue/groups/visio"
Stream = Callable[[], Awaitable[list[Recorded]]]


@pytest.fixture
def stream(pool: Pool) -> Stream:
    async def read() -> list[Recorded]:
        async with pool.acquire() as connection:
            stored = await read_stream(connection, CATALOGUE_STREAM)
        return await Vault(pool).unseal(stored)

    return read


async def version(stream: Stream) -> int:
    return len(await stream())


def faults(answer: httpx.Response) -> set[str]:
    assert answer.status_code == 422, answer.text
    return {error["field"] for error in answer.json()["errors"]}


async def test_a_route_is_changed_with_who_and_why(sophie: httpx.AsyncClient, stream: Stream) -> None:
    before = await version(stream)
    answer = await sophie.post(ACCESS, json=SUBJECT, headers={"If-Match": f'"{before}"'})
    assert answer.status_code == 201, answer.text
    assert answer.json()["version"] == before + 2
    assert answer.headers["etag"] == f'"{before + 2}"'
    assert answer.headers["event-position"]
    said, event = (one.event for one in (await stream())[before:])
    assert isinstance(said, CatalogueChanged)
    assert (said.by.name, said.reason) == ("Sophie Durand", SUBJECT["reason"])
    assert isinstance(event, SubjectDefined)
    assert (event.subject, event.kind, event.group) == ("messagerie.acces", Kind.INCIDENT, "reseau")


async def test_nothing_personal_stands_in_the_clear(sophie: httpx.AsyncClient, pool: Pool) -> None:
    await sophie.post(ACCESS, json=SUBJECT)
    data = await pool.fetchval("SELECT data::text FROM journal.events WHERE type = 'CatalogueChanged'")
    assert "Sophie" not in data
    assert "connexions" not in data


async def test_a_group_can_be_answered_by_a_new_subject(sophie: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    assert (await sophie.post(NEW_GROUP, json=GROUP)).status_code == 201
    subject = SUBJECT | {"label": "Visioconférence", "group": "visio"}
    assert (await sophie.post("/v1/catalogue/subjects/visio.salle", json=subject)).status_code == 201
    async with asyncio.timeout(20):
        while (await client.post("/v1/incidents", json=FORM | {"subject": "visio.salle"})).status_code != 201:
            await asyncio.sleep(0.1)


async def test_a_retired_subject_is_refused_until_it_is_back(
    sophie: httpx.AsyncClient, client: httpx.AsyncClient, stream: Stream
) -> None:
    retired = await sophie.post(f"{ACCESS}/retire", json={"reason": "Fusionné."})
    assert retired.status_code == 201
    async with asyncio.timeout(20):
        while (refused := await client.post("/v1/incidents", json=FORM)).status_code == 201:
            await asyncio.sleep(0.1)
    assert faults(refused) == {"subject"}
    again = await sophie.post(f"{ACCESS}/retire", json={"reason": "Fusionné."})
    assert (again.status_code, again.json()["type"]) == (409, "urn:cecoia:problem:retired")
    assert (await sophie.post(ACCESS, json=SUBJECT)).status_code == 201
    assert Catalogue.of(one.event for one in await stream()).can_choose("messagerie.acces")


async def test_every_bad_field_is_told(sophie: httpx.AsyncClient, stream: Stream) -> None:
    before = await version(stream)
    wrong = {"label": "Messagerie : envoi ou réception", "kind": "wish", "group": "minitel", "colour": "red"}
    answer = await sophie.post("/v1/catalogue/subjects/Été", json=wrong | {"take": {**TARGETS, "low": 0}})
    assert faults(answer) == {"code", "label", "kind", "group", "colour", "take.low", "resolve", "reason"}
    wrong_group = {"label": "Réseau", "mail": "nobody", "calendar": "lunaire", "reason": ""}
    assert faults(await sophie.post(NEW_GROUP, json=wrong_group)) == {"label", "mail", "calendar", "reason"}
    assert faults(await sophie.post("/v1/catalogue/import", json={"toml": "x = ", "reason": "Essai"})) == {"toml"}
    assert await version(stream) == before


async def test_what_changes_nothing_is_refused(sophie: httpx.AsyncClient) -> None:
    assert (await sophie.post(ACCESS, json=SUBJECT)).status_code == 201
    answer = await sophie.post(ACCESS, json=SUBJECT)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cecoia:problem:unchanged")


async def test_the_same_key_changes_once(sophie: httpx.AsyncClient, stream: Stream) -> None:
    keyed = {"Idempotency-Key": "k1"}
    first = await sophie.post(ACCESS, json=SUBJECT, headers=keyed)
    later = await version(stream)
    again = await sophie.post(ACCESS, json=SUBJECT, headers=keyed | {"If-Match": '"1"'})
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await sophie.post(ACCESS, json=SUBJECT | {"label": "Autrement"}, headers=keyed)
    assert (other.status_code, other.json()["type"]) == (422, "urn:cecoia:problem:key-reused")
    assert await version(stream) == later


async def test_of_two_supervisors_the_later_one_is_told(sophie: httpx.AsyncClient, stream: Stream) -> None:
    read = {"If-Match": f'"{await version(stream)}"'}
    answers = await asyncio.gather(
        sophie.post(ACCESS, json=SUBJECT, headers=read), sophie.post(NEW_GROUP, json=GROUP, headers=read)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    (told,) = [answer.json()["detail"] for answer in answers if answer.status_code == 412]
    assert told.startswith("Le catalogue a changé")


async def test_without_a_version_both_are_kept(sophie: httpx.AsyncClient, stream: Stream) -> None:
    answers = await asyncio.gather(sophie.post(ACCESS, json=SUBJECT), sophie.post(NEW_GROUP, json=GROUP))
    assert [answer.status_code for answer in answers] == [201, 201]
    known = Catalogue.of(one.event for one in await stream())
    assert (known.group_of("messagerie.acces"), known.group_label("visio")) == ("reseau", "Visio")


async def test_a_file_is_compared_before_it_is_applied(sophie: httpx.AsyncClient, stream: Stream) -> None:
    before = await version(stream)
    text = CATALOGUE.replace('label = "Réseau"', 'label = "Réseau et internet"')
    answer = await sophie.post("/v1/catalogue/difference", json={"toml": text})
    assert (answer.status_code, answer.json()["version"], await version(stream)) == (200, before, before)
    assert answer.json()["changes"] == [
        {
            "what": "group",
            "code": "reseau",
            "label": "Réseau et internet",
            "action": "changed",
            "fields": [{"field": "label", "before": "Réseau", "after": "Réseau et internet"}],
        }
    ]
    applied = await sophie.post(
        "/v1/catalogue/import", json={"toml": text, "reason": "Rentrée"}, headers={"If-Match": f'"{before}"'}
    )
    assert (applied.status_code, applied.json()["version"]) == (201, before + 2)
    assert (await sophie.post("/v1/catalogue/difference", json={"toml": text})).json()["changes"] == []


async def test_a_start_keeps_what_was_changed_on_pages(
    sophie: httpx.AsyncClient, settings: Settings, stream: Stream
) -> None:
    assert (await sophie.post(ACCESS, json=SUBJECT)).status_code == 201
    assert await seed(settings, CATALOGUE) == 0
    assert await seed(settings, CATALOGUE.replace('label = "Réseau"', 'label = "Internet"')) == 1
    known = Catalogue.of(one.event for one in await stream())
    assert (known.group_of("messagerie.acces"), known.group_label("reseau")) == ("reseau", "Internet")
    assert await seed(settings, CATALOGUE, everything=True) == 2
    known = Catalogue.of(one.event for one in await stream())
    assert (known.group_of("messagerie.acces"), known.group_label("reseau")) == ("messagerie", "Réseau")


@pytest.mark.parametrize("path", [ACCESS, NEW_GROUP, f"{ACCESS}/retire", "/v1/catalogue/import"])
async def test_it_is_for_supervisors(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.post(path, json={})).status_code == 403
