"""A person is forgotten: at once, for good, whatever is killed in between, and nothing else changes."""

import asyncio
import os

import asyncpg
import httpx
import pytest

from services.intake.app import make_app
from services.intake.collecting import Collector
from services.intake.housekeeping import Housekeeping
from services.intake.people.erasure import Order
from services.intake.receipts import Attempt
from shared import clock
from shared.documents import object_path
from shared.events.base import ERASED
from shared.events.vocabulary import ErasedFor
from shared.journal.erasures import erasure_stream
from shared.journal.read import read_stream
from shared.journal.sealing import Vault
from tests.integration.intake.erasing import TEXT, attach, erase, keys, requester, until_led
from tests.support.intake import FORM
from tests.support.serving import served


async def collected(app, path):
    async with asyncio.timeout(20):
        while True:
            try:
                await app.state.desk.store.head(path)
            except FileNotFoundError:
                return
            app.state.desk.eraser._on_commit()
            await asyncio.sleep(0.05)


async def test_a_supervisor_has_a_person_forgotten(sophie, ended, pool, history):
    numbers = [await ended() for _ in range(2)]
    claire = await requester(pool, numbers[0])
    answer = await erase(sophie, f"I{numbers[0][1:]}")
    assert answer.status_code == 201
    assert answer.json() == {"number": numbers[0], "incidents": 2, "recorded_at": answer.json()["recorded_at"]}
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["event-position"]
    assert claire not in await keys(pool)
    assert await pool.fetchval("SELECT count(*) FROM keys.identities WHERE person = $1", claire) == 0
    created, cancelled = await history(numbers[1])
    assert created.description == created.phone == created.requester.name == created.requester.email == ERASED
    assert cancelled.reason == ERASED
    async with pool.acquire() as connection:
        (stored,) = await Vault(pool).unseal(await read_stream(connection, erasure_stream(claire)))
    assert stored.event.person == claire
    assert (stored.event.reason, stored.event.by.name, stored.event.text) == (
        ErasedFor.REQUEST,
        "Sophie Durand",
        TEXT,
    )


async def test_only_supervisors_have_people_forgotten(client, provider, ended, pool):
    number = await ended()
    for sub in ("claire.martin", "nadia.benali"):
        answer = await client.post(
            "/v1/people/erase", json={"number": number, "text": TEXT}, headers=provider.bearer(sub)
        )
        assert answer.status_code == 403
    assert await requester(pool, number) in await keys(pool)


async def test_who_waits_for_an_answer_is_forgotten_only_when_that_is_meant(sophie, created, ended, pool):
    await ended()
    number = await created()
    answer = await erase(sophie, number)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cecoia:problem:running")
    assert "1 incident(s) en cours" in answer.json()["detail"]
    assert await requester(pool, number) in await keys(pool)
    assert (await erase(sophie, number, force=True)).status_code == 201
    assert await requester(pool, number) not in await keys(pool)


async def test_sent_again_it_is_answered_again_and_done_once(sophie, ended, pool):
    number = await ended()
    first = await erase(sophie, number, key="k")
    again = await erase(sophie, number, key="k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await erase(sophie, number, key="k", text="Un autre dossier")
    assert (other.status_code, other.json()["type"]) == (422, "urn:cecoia:problem:key-reused")
    without = await erase(sophie, number)
    assert (without.status_code, without.json()["type"]) == (409, "urn:cecoia:problem:erased")
    assert await pool.fetchval("SELECT count(*) FROM journal.events WHERE type = 'PersonErased'") == 1


async def test_two_supervisors_at_once_forget_once(sophie, ended):
    number = await ended()
    answers = await asyncio.gather(*(erase(sophie, number, key=f"k{n}") for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


@pytest.mark.parametrize("text", ["Demande de Mme MARTIN", "claire.martin@academie.example a écrit", ""])
async def test_the_reference_names_nobody(sophie, ended, text):
    answer = await erase(sophie, await ended(), text=text)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["text"]


async def test_an_unknown_number_is_nobody(sophie):
    assert (await erase(sophie, "1181106_0230")).status_code == 404
    assert (await erase(sophie, "bonjour")).status_code == 404


async def test_who_comes_back_is_somebody_new(client, sophie, created, pool, history):
    first = await created()
    assert (await erase(sophie, first, force=True)).status_code == 201
    second = await created(description="Je reviens")
    assert await requester(pool, second) != await requester(pool, first)
    assert (await history(second))[0].description == "Je reviens"
    assert (await client.post(f"/v1/incidents/{first}/updates", json={"text": "?"})).status_code == 404


async def test_another_process_hears_of_it_within_seconds(sophie, created, settings, provider, pool):
    number = await created()
    async with (
        served(make_app(settings)) as address,
        httpx.AsyncClient(base_url=address, headers=provider.bearer()) as other,
    ):
        before = await other.post("/v1/incidents", json=FORM | {"description": "avant"})
        assert (await erase(sophie, number, force=True)).status_code == 201
        async with asyncio.timeout(20):
            while True:
                after = await other.post("/v1/incidents", json=FORM, headers={"Idempotency-Key": os.urandom(8).hex()})
                assert after.status_code in {201, 503}
                if after.status_code == 201 and await requester(pool, after.json()["number"]) in await keys(pool):
                    break
                await asyncio.sleep(0.05)
    assert await requester(pool, before.json()["number"]) == await requester(pool, number)


async def test_documents_go_that_no_others_have(client, app, sophie, provider, created):
    number = await created()
    own, shared = await attach(client, number), await attach(client, number, "note.txt", b"the same note")
    hugo = provider.bearer("hugo.petit")
    other = (await client.post("/v1/incidents", json=FORM, headers=hugo)).json()["number"]
    kept = await client.post(
        f"/v1/incidents/{other}/documents", files=[("file", ("n.txt", b"the same note"))], headers=hugo
    )
    assert kept.json()["documents"][0]["sha256"] == shared["sha256"]
    store = app.state.desk.store
    assert await store.head(f"uploads/{shared['id']}.json")
    assert (await erase(sophie, number, force=True)).status_code == 201
    await collected(app, object_path(own["sha256"]))
    assert await store.head(object_path(shared["sha256"]))
    left = {path async for path, _ in store.names("uploads/")}
    assert left == {f"uploads/{kept.json()['documents'][0]['id']}.json"}
    assert (await erase(sophie, other, force=True)).status_code == 201
    await collected(app, object_path(shared["sha256"]))


async def test_a_process_that_dies_in_between_leaves_the_rest_to_the_next(client, app, pool, created, settings):
    """Only the transaction of the erasure was left by the one that died: its documents are the next one's work."""
    number = await created()
    path = object_path((await attach(client, number))["sha256"])
    eraser, store = app.state.desk.eraser, app.state.desk.store
    eraser._on_commit = lambda: None
    attempt = Attempt(key=None, fingerprint=None, version=None, request=None, at=clock.now())
    order = Order(reason=ErasedFor.REQUEST, force=True)
    await eraser.erase(await requester(pool, number), order, attempt)
    assert await store.head(path)

    async def broken(*_):
        raise OSError("killed")

    moving, store.delete = store.delete, broken
    housekeeping = Housekeeping(pool, Collector(store), eraser, clock.now)
    with pytest.raises(OSError, match="killed"):
        await until_led(housekeeping)
    store.delete = moving
    await until_led(housekeeping)
    with pytest.raises(FileNotFoundError):
        await store.head(path)
    assert [name async for name, _ in store.names("leaving/")] == []
    await until_led(housekeeping)


async def test_keys_that_come_back_with_an_older_backup_go_again(app, sophie, ended, pool, settings):
    number = await ended()
    claire = await requester(pool, number)
    owner = await asyncpg.connect(settings.database_url)
    rows = await owner.fetch("SELECT * FROM keys.people WHERE person = $1", claire)
    assert (await erase(sophie, number)).status_code == 201
    await owner.executemany("INSERT INTO keys.people VALUES ($1, $2)", [tuple(row) for row in rows])
    desk = app.state.desk
    await until_led(Housekeeping(pool, Collector(desk.store), desk.eraser, clock.now))
    assert claire not in await keys(pool)
    await owner.close()


async def test_nobody_loses_a_key_that_the_journal_does_not_call_erased(pool, ended, settings):
    claire = await requester(pool, await ended())
    assert await pool.fetchval("SELECT keys.forget($1)", [claire]) == 0
    assert claire in await keys(pool)
    for role in ("cecoia_query", "cecoia_notifier", "cecoia_sealer"):
        one = await asyncpg.connect(settings.database_url.replace("cecoia@", f"{role}@"))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await one.execute("SELECT keys.forget($1)", [claire])
        await one.close()


async def test_no_copy_of_a_key_is_kept_by_the_planner(pool, ended, settings):
    await ended()
    owner = await asyncpg.connect(settings.database_url)
    await owner.execute("ANALYZE keys.people, keys.identities")
    assert (
        await owner.fetchval("SELECT count(*) FROM pg_stats WHERE schemaname = 'keys' AND attname IN ('key', 'lookup')")
        == 0
    )
    await owner.close()
