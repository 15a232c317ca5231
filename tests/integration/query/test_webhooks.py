"""Webhooks as supervisors see them, and what everybody else sees of them: nothing."""

from uuid import uuid4

import asyncpg

from shared.events.vocabulary import DisabledFor, Role
from shared.events.webhook import WebhookDisabled, WebhookRegistered
from shared.webhooks import KEY_ISSUER, WEBHOOKS_STREAM

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ADDRESS = "https://hooks.example/in?token=s3cr3t"


async def register(journal, **changes):
    webhook, sophie = uuid4(), await journal.person("sophie", "Sophie Durand")
    owner = await journal.vault.person(issuer=KEY_ISSUER, sub=str(webhook), name="", email=None)
    fields = {"by": sophie, "url": ADDRESS, "secret": SECRET, "types": ["IncidentRouted"]} | changes
    return webhook, await journal.add(WEBHOOKS_STREAM, WebhookRegistered(webhook=webhook, **fields), owner=owner)


async def test_a_supervisor_sees_them_with_how_they_do_but_no_secret(api, journal, projected):
    webhook, _ = await register(journal, group="messagerie")
    other, _ = await register(journal)
    off = WebhookDisabled(webhook=other, reason=DisabledFor.GONE, error="réponse 410")
    last = await journal.add(WEBHOOKS_STREAM, off)
    await projected(last.position)
    answer = await api.as_("sophie", Role.SUPERVISOR).get("/v1/webhooks")
    assert SECRET not in answer.text
    first, second = answer.json()["items"]
    assert (first["id"], first["url"], first["by"]) == (str(webhook), ADDRESS, "Sophie Durand")
    assert (first["group"], first["group_label"]) == ("messagerie", "Messagerie et identité")
    assert (first["disabled_at"], first["last_success_at"], first["failing_since"]) == (None, None, None)
    assert (second["group"], second["disabled_why"]) == (None, "l’adresse a répondu qu’elle n’existe plus (410)")


async def test_how_sending_went_is_told(api, journal, projected, database_url):
    webhook, last = await register(journal)
    await projected(last.position)
    owner = await asyncpg.connect(database_url)
    await owner.execute(
        "INSERT INTO notifier.webhook_health VALUES ($1, now() - interval '1 hour', now(), 'réponse 500', now())",
        webhook,
    )
    await owner.close()
    (item,) = (await api.as_("sophie", Role.SUPERVISOR).get("/v1/webhooks")).json()["items"]
    assert item["last_error"] == "réponse 500"
    assert item["last_success_at"] < item["failing_since"] == item["last_failure_at"]


async def test_the_feed_tells_that_there_is_one_and_no_more(api, journal):
    await register(journal)
    answer = await api.as_("entrepot", Role.REPORTING).get("/v1/events?type=WebhookRegistered")
    (item,) = answer.json()["items"]
    assert (item["number"], item["data"]["url"], item["data"]["secret"], item["data"]["by"]["name"]) == (None,) * 4
    assert not any(word in answer.text for word in (SECRET, "s3cr3t", "Sophie"))


async def test_agents_see_none(api):
    assert (await api.as_("nadia", Role.AGENT, groups=("messagerie",)).get("/v1/webhooks")).status_code == 403
