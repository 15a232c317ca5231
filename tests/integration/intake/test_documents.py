"""Files on their way to an incident, and those that never arrive."""

import asyncio
import hashlib
import os
from datetime import timedelta

import httpx
import pytest

from services.intake.collecting import Collector
from services.intake.housekeeping import Housekeeping
from shared import clock
from shared.documents import object_path
from shared.events.incident import DocumentAttached

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100


async def test_files_are_attached(client, app, created, history):
    number = await created()
    files = [("file", ("écran 1.png", PNG)), ("file", ("journal.txt", "Échec".encode()))]
    answer = await client.post(f"/v1/incidents/{number}/documents", files=files)
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == '"3"'
    first, second = answer.json()["documents"]
    assert first == {
        "id": first["id"],
        "filename": "écran 1.png",
        "media_type": "image/png",
        "size": len(PNG),
        "sha256": hashlib.sha256(PNG).hexdigest(),
    }
    assert second["media_type"] == "text/plain"
    assert b"".join([chunk async for chunk in app.state.desk.store.open(first["sha256"])]) == PNG
    events = await history(number)
    assert [event.filename for event in events if isinstance(event, DocumentAttached)] == ["écran 1.png", "journal.txt"]


async def test_the_same_key_attaches_once(client, created, incidents):
    path = f"/v1/incidents/{await created()}/documents"
    key = {"Idempotency-Key": "k"}
    files = [("file", ("a.txt", b"a"))]
    first = await client.post(path, files=files, headers=key)
    again = await client.post(path, files=files, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post(path, files=[("file", ("a.txt", b"b"))], headers=key)
    more = await client.post(path, files=[*files, ("file", ("b.txt", b"b"))], headers=key)
    assert other.status_code == more.status_code == 422
    assert await incidents() == 2


async def test_uploads_with_a_key_are_kept_once(client, app):
    key = {"Idempotency-Key": "k"}
    files = [("file", ("a.txt", b"a"))]
    first = await client.post("/v1/uploads", files=files, headers=key)
    again = await client.post("/v1/uploads", files=files, headers=key)
    assert again.json() == first.json()
    assert len([path async for path, _ in app.state.desk.store.names("uploads/")]) == 1


async def test_the_documents_of_an_incident_are_counted(client, created, incidents):
    path = f"/v1/incidents/{await created()}/documents"
    assert (await client.post(path, files=[("file", (f"{n}.txt", b"x")) for n in range(3)])).status_code == 201
    full = await client.post(path, files=[("file", ("4.txt", b"x"))])
    assert full.status_code == 409
    assert "3 documents" in full.json()["detail"]
    assert await incidents() == 4


async def test_an_incident_that_is_over_takes_no_files(client, created):
    number = await created()
    await client.post(f"/v1/incidents/{number}/cancel", json={"text": "Réglé"})
    answer = await client.post(f"/v1/incidents/{number}/documents", files=[("file", ("4.txt", b"x"))])
    assert answer.status_code == 409


async def test_an_update_names_uploads(client, created, history):
    number = await created()
    kept = await client.post("/v1/uploads", files=[("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))])
    body = {"text": "Voici", "uploads": [upload["id"] for upload in kept.json()["uploads"]]}
    answer = await client.post(f"/v1/incidents/{number}/updates", json=body)
    assert (answer.status_code, answer.json()["version"]) == (201, 4)
    again = await client.post(f"/v1/incidents/{number}/updates", json=body)
    assert again.status_code == 409
    assert len(await history(number)) == 4


async def test_what_stands_around_the_parts_is_left(client):
    form = httpx.Request("POST", "http://x", files=[("file", ("a.txt", b"a"))])
    body = form.read()

    async def chunks():
        for chunk in (b"preamble\r\n", body, b"epilogue" * 20_000):
            yield chunk

    headers = {"Content-Type": form.headers["Content-Type"]}
    answer = await client.post("/v1/uploads", content=chunks(), headers=headers)
    assert answer.status_code == 201, answer.text
    assert [(file["filename"], file["size"]) for file in answer.json()["uploads"]] == [("a.txt", 1)]


# ── collecting ──────────────────────────────────────────────────────────────


@pytest.fixture
def tidy(client, app, pool):
    """Tidies as it would be done so much later, after whoever is tidying now; all shelves at once unless told."""

    async def run(later, shelves=("documents/",), since=None):
        desk = app.state.desk
        collector = Collector(desk.store, shelves)
        housekeeping = Housekeeping(pool, collector, desk.eraser, lambda: (since or clock.now()) + later)
        async with asyncio.timeout(10):
            while not await housekeeping.tidy():
                await asyncio.sleep(0.01)

    return run


async def names(store):
    prefixes = ("documents/", "uploads/", "incoming/", "leaving/")
    return {path for prefix in prefixes for path in [path async for path, _ in store.names(prefix)]}


async def test_what_nobody_attached_is_collected_after_a_day(client, app, created, tidy, subtests):
    store = app.state.desk.store
    number = await created()
    attached = await client.post(f"/v1/incidents/{number}/documents", files=[("file", ("a.txt", b"attached"))])
    await client.post("/v1/uploads", files=[("file", ("b.txt", b"waiting"))])
    await store.write("incoming/broken", b"half")
    before = await names(store)
    assert len(before) == 5
    with subtests.test("nothing goes before its time"):
        await tidy(timedelta(hours=23))
        assert await names(store) == before
    with subtests.test("then it goes"):
        await tidy(timedelta(hours=25))
        assert len(await names(store)) == 2, "bytes stay for commands that have just found their note"
        await tidy(timedelta(hours=25))
        assert await names(store) == {object_path(attached.json()["documents"][0]["sha256"])}


async def test_what_a_killed_process_was_writing_goes_after_a_day(client, settings, tidy):
    left = [settings.home / "documents" / folder / "killed#1" for folder in ("incoming", "uploads")]
    for path in left:
        path.parent.mkdir()
        path.write_bytes(b"half")
    await tidy(timedelta(hours=23))
    assert [path.exists() for path in left] == [True, True]
    await tidy(timedelta(hours=25))
    assert [path.exists() for path in left] == [False, False]


async def test_what_is_named_while_it_is_leaving_comes_back(client, app, created, tidy):
    store = app.state.desk.store
    number = await created()
    answer = await client.post(f"/v1/incidents/{number}/documents", files=[("file", ("a.txt", b"attached"))])
    sha256 = answer.json()["documents"][0]["sha256"]
    await store.move(object_path(sha256), f"leaving/{sha256}")
    await tidy(timedelta(hours=25))
    assert await names(store) == {object_path(sha256)}


async def test_each_minute_looks_at_one_shelf(client, app, tidy):
    store = app.state.desk.store
    kept = await client.post("/v1/uploads", files=[("file", ("b.txt", b"waiting"))])
    path = object_path(kept.json()["uploads"][0]["sha256"])
    shelves = ["documents/zz/", path.rsplit("/", 1)[0] + "/"]
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    await tidy(timedelta(days=2), shelves, hour)  # its note goes
    await tidy(timedelta(days=2, minutes=2), shelves, hour)
    assert await names(store) == {path}
    await tidy(timedelta(days=2, minutes=3), shelves, hour)
    assert await names(store) == set()


async def test_notes_are_read_only_for_what_nobody_attached(client, app, created, tidy, monkeypatch):
    number = await created()
    await client.post(f"/v1/incidents/{number}/documents", files=[("file", ("a.txt", b"attached"))])
    [note] = (app.state.desk.settings.home / "documents" / "uploads").iterdir()
    later = (clock.now() + timedelta(hours=25)).timestamp()
    os.utime(note, (later, later))
    store = app.state.desk.store
    read, reading = [], store.read
    monkeypatch.setattr(store, "read", lambda path: read.append(path) or reading(path))
    await tidy(timedelta(hours=26))
    assert read == []
    await client.post("/v1/uploads", files=[("file", ("b.txt", b"waiting"))])
    await tidy(timedelta(hours=26))
    assert f"uploads/{note.name}" in read


async def test_one_process_tidies_at_a_time(client, app, pool, tidy):
    await tidy(timedelta())
    async with pool.acquire() as other:
        assert await other.fetchval("SELECT pg_try_advisory_lock(hashtext('cecoia'), hashtext('intake housekeeping'))")
        desk = app.state.desk
        assert not await Housekeeping(pool, Collector(desk.store), desk.eraser, clock.now).tidy()
        await other.execute("SELECT pg_advisory_unlock_all()")
    await tidy(timedelta())
