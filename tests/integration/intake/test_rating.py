"""What requesters think of how they were helped, over HTTP."""

from __future__ import annotations

import pytest

from shared.events.incident import SatisfactionRated
from tests.support.intake import FORM


@pytest.fixture
async def solved(client, provider, created):
    number = await created()
    answer = await client.post(
        f"/v1/incidents/{number}/resolve", json={"text": "Compte débloqué."}, headers=provider.bearer("nadia.benali")
    )
    assert answer.status_code == 201
    return number


async def test_it_is_said_before_and_after_the_confirmation(client, solved, history):
    address = f"/v1/incidents/{solved}"
    before = await client.post(f"{address}/rate", json={"rating": 2, "text": "Trop long."})
    assert (await client.post(f"{address}/confirm")).status_code == 201
    after = await client.post(f"{address}/rate", json={"rating": 4})
    assert [(one.status_code, one.json()["status"]) for one in (before, after)] == [(201, "resolved"), (201, "closed")]
    said = [event for event in await history(solved) if isinstance(event, SatisfactionRated)]
    assert [(one.by.name, one.rating, one.text) for one in said] == [
        ("Claire Martin", 2, "Trop long."),
        ("Claire Martin", 4, None),
    ]


async def test_the_words_are_sealed(client, solved, pool):
    await client.post(f"/v1/incidents/{solved}/rate", json={"rating": 1, "text": "Coquecigrue"})
    data = await pool.fetchval("SELECT data::text FROM journal.events WHERE type = 'SatisfactionRated'")
    assert '"rating":1' in data.replace(" ", "")
    assert "Coquecigrue" not in data


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Ce champ est obligatoire."),
        ({"rating": 0}, "Un nombre entier de 1 à 5 est attendu."),
        ({"rating": 6}, "Un nombre entier de 1 à 5 est attendu."),
        ({"rating": "4"}, "Un nombre entier de 1 à 5 est attendu."),
        ({"rating": True}, "Un nombre entier de 1 à 5 est attendu."),
    ],
)
async def test_what_is_no_rating_is_told_in_words(client, solved, body, message):
    answer = await client.post(f"/v1/incidents/{solved}/rate", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "rating", "message": message}]


async def test_an_agent_who_wrote_it_down_is_refused_in_words(client, provider):
    agent = provider.bearer("nadia.benali")
    requester = {"name": "Hugo Petit", "email": "hugo.petit@cecoia.example"}
    body = {"requester": requester, "origin": "phone"}
    answer = await client.post("/v1/incidents", json=FORM | body, headers=agent)
    address = f"/v1/incidents/{answer.json()['number']}"
    await client.post(f"{address}/resolve", json={"text": "Fait."}, headers=agent)
    refused = await client.post(f"{address}/rate", json={"rating": 5}, headers=agent)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:cecoia:problem:concerned")
    assert refused.json()["detail"] == "Seule la personne qui a été aidée peut donner son avis."
