"""Webhooks are registered by supervisors, whose secret is told once and can be found nowhere."""

import asyncio
import base64

import pytest

from shared.journal.read import read_stream
from shared.journal.sealing import Vault
from shared.webhooks import WEBHOOKS_STREAM, fold

FORM = {"url": "https://hooks.example/in?token=s3cr3t", "group": "messagerie", "types": ["IncidentRouted"]}


@pytest.fixture
def webhooks(pool):
    async def read():
        async with pool.acquire() as connection:
            return fold(await Vault(pool).unseal(await read_stream(connection, WEBHOOKS_STREAM)))

    return read


async def test_a_supervisor_registers_one_and_is_told_its_secret(sophie, webhooks):
    answer = await sophie.post("/v1/webhooks", json=FORM)
    assert answer.status_code == 201
    body = answer.json()
    assert {name: body[name] for name in FORM} == FORM
    assert body["secret"].startswith("whsec_")
    assert len(base64.b64decode(body["secret"].removeprefix("whsec_"))) == 32
    assert answer.headers["event-position"]
    (webhook,) = (await webhooks()).values()
    assert (str(webhook.id), webhook.url, webhook.secret) == (body["id"], FORM["url"], body["secret"])
    assert webhook.by.name == "Sophie Durand"


async def test_nobody_finds_address_and_secret_in_the_journal(sophie, pool):
    secret = (await sophie.post("/v1/webhooks", json=FORM)).json()["secret"]
    rows = await pool.fetch("SELECT data::text || meta::text AS text FROM journal.events")
    assert not any(word in row["text"] for row in rows for word in (secret, "s3cr3t", "hooks.example", "Sophie"))


async def test_the_same_key_gives_the_same_answer_and_secret(sophie, webhooks):
    first, again = [await sophie.post("/v1/webhooks", json=FORM, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = await sophie.post("/v1/webhooks", json=FORM | {"group": "reseau"}, headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["type"]) == (422, "urn:cecoia:problem:key-reused")
    assert len(await webhooks()) == 1


async def test_everything_wrong_is_told_at_once(sophie, webhooks):
    wrong = {"url": "http://hooks.example/", "group": "nulle-part", "types": ["NoteAdded"], "more": 1}
    answer = await sophie.post("/v1/webhooks", json=wrong)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"url", "group", "types", "more"}
    assert await webhooks() == {}


async def test_what_is_asked_for_when_nothing_is_said(sophie):
    body = (await sophie.post("/v1/webhooks", json={"url": FORM["url"]})).json()
    assert (body["group"], body["types"]) == (None, ["IncidentRouted"])


async def test_it_is_tried_switched_off_and_on_and_removed(sophie, webhooks):
    webhook = (await sophie.post("/v1/webhooks", json=FORM)).json()["id"]
    statuses = [
        (await sophie.post(f"/v1/webhooks/{webhook}/{command}")).status_code
        for command in ("test", "enable", "disable", "disable", "enable", "remove", "remove", "test")
    ]
    assert statuses == [201, 409, 201, 409, 201, 201, 404, 404]
    assert await webhooks() == {}


async def test_a_command_counts_once_under_its_key(sophie, pool):
    webhook = (await sophie.post("/v1/webhooks", json=FORM)).json()["id"]
    keyed = {"Idempotency-Key": "k"}
    answers = [await sophie.post(f"/v1/webhooks/{webhook}/disable", headers=keyed) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert await pool.fetchval("SELECT count(*) FROM journal.events WHERE type = 'WebhookDisabled'") == 1


async def test_many_at_once_are_all_recorded(sophie, webhooks):
    answers = await asyncio.gather(*(sophie.post("/v1/webhooks", json=FORM) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len(await webhooks()) == 4


async def test_nobody_else_may(client):
    assert (await client.post("/v1/webhooks", json=FORM)).status_code == 403
