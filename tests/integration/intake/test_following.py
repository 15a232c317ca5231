"""New incidents that follow one which ended for good, over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
from httpx import AsyncClient

from tests.support.intake import FORM


async def test_a_new_incident_follows_one_that_was_cancelled(client, ended, history):
    former = await ended()
    answer = await client.post("/v1/incidents", json=FORM | {"follows": former.lower().replace("_", "-")})
    assert answer.status_code == 201, answer.text
    assert (await history(answer.json()["number"]))[0].follows == former


async def test_one_that_was_closed_is_followed_once_it_can_no_longer_be_opened(app_at, provider):
    present = datetime(2018, 11, 6, 9, 49, 49, tzinfo=UTC)
    async with app_at(lambda: present) as address, AsyncClient(base_url=address, headers=provider.bearer()) as client:
        number = (await client.post("/v1/incidents", json=FORM)).json()["number"]
        found = {}
        for name, change in (("open", "close"), ("young", None)):
            found[name] = await client.post("/v1/incidents", json=FORM | {"follows": number})
            if change:
                path = f"/v1/incidents/{number}/{change}"
                await client.post(path, json={}, headers=provider.bearer("nadia.benali"))
        present += timedelta(days=31)
        found["old"] = await client.post("/v1/incidents", json=FORM | {"follows": number})
    assert {name: answer.status_code for name, answer in found.items()} == {"open": 409, "young": 409, "old": 201}
    assert "mettez-le à jour" in found["open"].json()["detail"]
    assert "rouvrez-le" in found["young"].json()["detail"]


async def test_nobody_learns_of_an_incident_by_following_it(client, provider, ended):
    former = await ended()
    hugo = provider.bearer("hugo.petit")
    answers = [
        await client.post("/v1/incidents", json=FORM | {"follows": number}, headers=hugo)
        for number in (former, "1181001_0007")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].content == answers[1].content
    assert [error["field"] for error in answers[0].json()["errors"]] == ["follows"]


@pytest.mark.parametrize("follows", ["", "n’importe quoi", 7])
async def test_what_is_no_number_is_a_mistake_in_the_form(client, follows):
    answer = await client.post("/v1/incidents", json=FORM | {"follows": follows})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["follows"]


async def test_the_same_sending_is_answered_the_same(client, ended):
    former = await ended()
    sent = {"json": FORM | {"follows": former}, "headers": {"Idempotency-Key": "k"}}
    first, second = [await client.post("/v1/incidents", **sent) for _ in range(2)]
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["idempotent-replayed"] == "true"
