"""Who was not heard of for long is forgotten by a scheduled run, and what an operator does by hand."""

from datetime import timedelta

import httpx
import pytest

from services.intake.app import make_app
from services.intake.collecting import Collector
from services.intake.housekeeping import Housekeeping
from services.intake.people import retention
from shared import clock
from shared.events.person import PersonErased
from shared.events.vocabulary import ErasedFor
from shared.journal.erasures import erasure_stream
from shared.journal.read import read_stream
from shared.journal.sealing import Vault
from tests.integration.intake.erasing import command, keys, requester, until_led
from tests.support.intake import FORM
from tests.support.serving import served

YEARS = timedelta(days=1826)


async def retained(app, pool, later):
    desk = app.state.desk
    now = clock.now() + later
    await until_led(Housekeeping(pool, Collector(desk.store), desk.eraser, lambda: now, YEARS))


async def test_who_was_not_heard_of_for_long_is_forgotten(client, app, pool, provider, ended):
    number = await ended()
    claire = await requester(pool, number)
    hugo = await client.post("/v1/incidents", json=FORM, headers=provider.bearer("hugo.petit"))
    await retained(app, pool, YEARS - timedelta(days=1))
    assert claire in await keys(pool)
    await retained(app, pool, YEARS + timedelta(days=1))
    assert claire not in await keys(pool)
    assert await requester(pool, hugo.json()["number"]) in await keys(pool), "an open incident is nothing old"
    async with pool.acquire() as connection:
        (stored,) = await Vault(pool).unseal(await read_stream(connection, erasure_stream(claire)))
    assert stored.event == PersonErased(person=claire, reason=ErasedFor.RETENTION)


async def test_what_was_resolved_and_never_closed_keeps_nobody(client, app, pool, provider, created):
    number = await created()
    for word, body in (("take", {}), ("resolve", {"text": "Réglé"})):
        answer = await client.post(f"/v1/incidents/{number}/{word}", json=body, headers=provider.bearer("nadia.benali"))
        assert answer.status_code == 201
    await retained(app, pool, YEARS - timedelta(days=1))
    assert await requester(pool, number) in await keys(pool)
    await retained(app, pool, YEARS + timedelta(days=1))
    assert await requester(pool, number) not in await keys(pool)


@pytest.fixture
async def nadia(address, provider):
    async with httpx.AsyncClient(base_url=address, headers=provider.bearer("nadia.benali")) as speaking:
        yield speaking


async def take(nadia, number):
    return await nadia.post(f"/v1/incidents/{number}/take", json={})


async def reply(nadia, number):
    return await nadia.post(f"/v1/incidents/{number}/reply", json={"text": "Quel message ?"})


async def record(nadia, _number):
    return await nadia.post("/v1/incidents", json=FORM | {"requester": {"sub": "hugo.petit", "name": "Hugo Petit"}})


@pytest.mark.parametrize("deed", [take, reply, record])
async def test_whoever_is_still_at_work_is_kept(nadia, pool, created, deed, monkeypatch):
    """Nadia once asked for something; what she did since for others shows that she is there, whatever came after."""
    monkeypatch.setattr(retention, "_STRETCH", 2)
    own = (await nadia.post("/v1/incidents", json=FORM)).json()["number"]
    await nadia.post(f"/v1/incidents/{own}/cancel", json={"text": "Réglé"})
    start = clock.now()
    assert (await deed(nadia, await created())).status_code == 201
    acted = clock.now()
    for _ in range(3):
        await created()
    person = await requester(pool, own)
    assert person not in {one.person for one in await retention.due(pool, start)}
    assert person in {one.person for one in await retention.due(pool, acted)}


async def test_whoever_others_ask_something_for_is_kept(client, pool, provider, created):
    own = (await client.post("/v1/incidents", json=FORM, headers=provider.bearer("hugo.petit"))).json()["number"]
    await client.post(f"/v1/incidents/{own}/cancel", json={"text": "Réglé"}, headers=provider.bearer("hugo.petit"))
    start = clock.now()
    await created(beneficiary={"name": "Hugo Petit", "email": "hugo.petit@academie.example"})
    assert await requester(pool, own) not in {one.person for one in await retention.due(pool, start)}
    assert await requester(pool, own) in {one.person for one in await retention.due(pool, clock.now())}


async def test_the_operator_forgets_by_number_or_by_address(settings, created, pool, client, provider):
    number = await created()
    refused = await command(settings, "erase", "--number", number)
    assert (refused.returncode, "en cours" in refused.stderr) == (1, True)
    done = await command(settings, "erase", "--number", number, "--force")
    assert (done.returncode, done.stdout) == (0, "erased: 1 person, 1 incidents\n")
    hugo = await client.post("/v1/incidents", json=FORM, headers=provider.bearer("hugo.petit"))
    found = await command(settings, "erase", "--email", "Hugo.Petit@academie.example", "--force")
    assert found.returncode == 0, found.stderr
    assert await requester(pool, hugo.json()["number"]) not in await keys(pool)
    nobody = await command(settings, "erase", "--email", "hugo.petit@academie.example")
    assert (nobody.returncode, nobody.stderr) == (1, "Personne n’est connu sous cette adresse.\n")


async def test_the_operator_first_counts_who_would_be_forgotten(settings, ended, pool, provider):
    recent = await requester(pool, await ended())
    old = make_app(settings, now=lambda: clock.now() - YEARS - timedelta(days=1))
    async with served(old) as address, httpx.AsyncClient(base_url=address) as client:
        hugo = provider.bearer("hugo.petit")
        number = (await client.post("/v1/incidents", json=FORM, headers=hugo)).json()["number"]
        await client.post(f"/v1/incidents/{number}/cancel", json={"text": "Réglé"}, headers=hugo)
    due = await requester(pool, number)
    counted = await command(settings, "retain", "--older-than", "5y")
    assert counted.stdout == "would be erased with --apply: 1 people, 1 incidents\n"
    assert due in await keys(pool)
    applied = await command(settings, "retain", "--older-than", "5y", "--apply")
    assert applied.stdout == "erased: 1 people, 1 incidents\n"
    assert due not in await keys(pool)
    assert recent in await keys(pool)
    again = await command(settings, "retain", "--older-than", "5y", "--apply")
    assert again.stdout == "erased: 0 people, 0 incidents\n"


async def test_an_age_that_nobody_means_is_refused(settings):
    soon = await command(settings, "retain", "--older-than", "1d")
    assert (soon.returncode, "--older-than" in soon.stderr) == (2, True)
