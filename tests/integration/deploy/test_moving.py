"""What leaves one house is what arrives in another, event by event; and nothing that is not whole, true and locked does."""

import asyncio
import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from deploy.archive import DOCUMENTS, SEALS
from deploy.home import Refused
from deploy.moving import cargo, leaving
from deploy.moving.__main__ import COMMANDS
from deploy.moving.arriving import arrive
from deploy.moving.cargo import Manifest
from deploy.moving.leaving import House, leave
from deploy.moving.lock import Lock
from deploy.moving.tables import CARRIED, LEFT_OUT
from shared import clock
from shared.database import connect_pool
from shared.documents import DocumentStore, object_path
from shared.events.base import ERASED
from shared.journal.append import append
from shared.journal.migrate import MigrationError, migrate
from shared.journal.read import checkpoint, read_page, refuse_restored
from shared.journal.records import START, Position
from shared.journal.verify import verify
from tests.integration.deploy.test_backup import (
    DOCUMENT,
    MAIL,
    SHA256,
    Place,
    contents,
    erase,
    fill,
    intake,
    names,
    served,
    somebody,
)
from tests.integration.journal.sealed import sealing, until_sealed
from tests.support.history import opening, person

#: The last migration of the house that an older one is moved from.
OLDER = 45


class Move:
    """A way from a place to a home."""

    def __init__(self, place: Place, tmp_path: Path) -> None:
        self.place, self.folder, self.home = place, tmp_path / "moving", tmp_path / "home"
        self.lock = Lock.make(tmp_path / "moving.key")
        self.told: list[int] = []

    def leave(self, tell: Callable[[int], None] | None = None) -> Manifest:
        house = House(self.place.database_url, self.place.documents_url, self.place.witness.path)
        return leave(house, self.folder, self.lock, tell or self.told.append)

    def arrive(self, tell: Callable[[int], None] | None = None, lock: Lock | None = None) -> Manifest:
        return arrive(self.folder, lock or self.lock, self.home, None, tell or self.told.append)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Place:
    place = Place(tmp_path / "place", database_url)
    place.folder.mkdir()
    asyncio.run(fill(place))
    return place


@pytest.fixture
def move(place: Place, tmp_path: Path) -> Move:
    return Move(place, tmp_path)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "_PART", 1)


def test_what_arrives_is_what_left(move: Move, servers_folder: Path) -> None:
    before = asyncio.run(contents(move.place.database_url))
    made = move.leave()
    assert (made.count, made.rest and made.rest.documents, made.rest and made.rest.lost) == (3, 1, ())
    assert move.arrive() == made
    assert {path.name for path in move.home.iterdir()} == {"lock", DOCUMENTS, SEALS, "postgres"}
    with served(move.home, servers_folder / "m1") as url:
        after = asyncio.run(contents(url))
        followers = [{row[0].split(",")[0] for row in rows["journal.checkpoints"]} for rows in (before, after)]
        assert followers == [{"(notifier", "(query.tracking.1"}, {"(notifier"}]
        for rows in (before, after):
            del rows["journal.checkpoints"], rows["journal.migrations"]  # applied at another hour
        assert after == before
        asyncio.run(goes_on(url, Place(move.home, url)))


async def goes_on(url: str, place: Place) -> None:
    """Documents and people are known, cursors hold, numbers go on after the last, and so do the seals."""
    store = DocumentStore(place.documents_url)
    assert (await store.read(object_path(SHA256)), await store.read(MAIL)) == (DOCUMENT, b"sealed")
    async with intake(url) as (pool, vault), pool.acquire() as connection:
        await refuse_restored(connection)
        known = await read_page(connection, START)
        aude = await somebody(vault, "aude")
        assert [one.event.requester.name for one in await vault.unseal(known[:2])] == ["aude", "hugo"]
        assert (await vault.unseal(known[:1]))[0].event.requester.id == aude.id
        (outcome,) = await append(connection, [opening(person(aude.id), at=known[0].recorded_at)], vault)
        last = known[1].number
        assert last
        assert outcome.number == f"{last[:-4]}{int(last[-4:]) + 1:04}"
        beyond = Position(known[-1].position.xid + 2**32, 0)  # a cursor that the old house gave while it was left
        for cursor in (known[-1].position, beyond):
            assert [one.number for one in await read_page(connection, cursor)] == [outcome.number]
        rest = await read_page(connection, await checkpoint(connection, "notifier"))
        assert [one.position for one in rest] == [*(one.position for one in known[1:]), outcome.position]
    owner = await asyncpg.connect(url)
    async with sealing(url, place.witness):
        await until_sealed(owner, place.witness, 4)
    finding = await verify(owner, place.witness)
    assert (finding.events, finding.unsealed, finding.blocks, finding.witnessed, finding.lie) == (4, 0, 2, 2, None)
    await owner.close()


def test_an_older_house_arrives_in_the_shape_of_its_day(move: Move, servers_folder: Path) -> None:
    asyncio.run(age(move.place.database_url))
    before = asyncio.run(contents(move.place.database_url))
    assert move.leave().migration == OLDER
    move.arrive()
    with served(move.home, servers_folder / "m5") as url:
        after = asyncio.run(contents(url))
        same = ("journal.events", "journal.streams", "journal.blocks", "keys.people", "keys.secret", "query.views")
        assert {name: after[name] for name in same} == {name: before[name] for name in same}
        assert len(after["query.views"]) == 1
        assert asyncio.run(migrate(url))[:2] == ["0046_saved_reports", "0047_recorded"]
        asyncio.run(goes_on(url, Place(move.home, url)))


async def age(url: str) -> None:
    """Take back what the last migrations made, in a house where somebody saved a view."""
    owner = await asyncpg.connect(url)
    await owner.execute(
        """
        DROP INDEX journal.events_recorded;
        ALTER TABLE query.views DROP COLUMN kind;
        DELETE FROM journal.migrations WHERE number > 45;
        INSERT INTO query.views (view, person, sealed, is_default, saved_at)
        SELECT gen_random_uuid(), person, 'sealed', false, now() FROM keys.people LIMIT 1
        """
    )
    await owner.close()


async def test_every_table_is_carried_or_left_out(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch(
        "SELECT schemaname || '.' || tablename AS name FROM pg_tables "
        "WHERE schemaname IN ('journal', 'keys', 'notifier', 'query') AND tablename !~ '^events_\\d+$'"
    )
    schemas = await connection.fetch("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'")
    await connection.close()
    assert sorted(row["name"] for row in rows) == sorted([*CARRIED, *LEFT_OUT])
    assert {row["nspname"] for row in schemas} == {"public", "journal", "keys", "notifier", "query"}


def test_what_happens_between_two_runs_is_added(move: Move, servers_folder: Path) -> None:
    first = move.leave()
    asyncio.run(add(move.place.database_url))
    again = move.leave()
    assert (len(first.events), again.count, again.events[:1]) == (1, 4, first.events)
    move.arrive()
    with served(move.home, servers_folder / "m2") as url:
        assert asyncio.run(names(url)) == ["aude", "hugo", "zoé"]


async def add(url: str) -> None:
    async with intake(url) as (pool, vault), pool.acquire() as connection:
        await append(connection, [opening(await somebody(vault, "zoé"), at=clock.now())], vault)


@pytest.mark.usefixtures("small_parts")
def test_what_was_interrupted_goes_on_where_it_was(move: Move, servers_folder: Path) -> None:
    def break_off(count: int) -> None:
        if count == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move.leave(break_off)
    with pytest.raises(Refused, match="is not whole; export again"):
        move.arrive()
    move.leave()
    assert move.told == [3]
    with pytest.raises(KeyboardInterrupt):
        move.arrive(break_off)
    move.told.clear()
    move.arrive()
    assert move.told == [3]
    before = asyncio.run(contents(move.place.database_url))
    with served(move.home, servers_folder / "m3") as url:
        assert asyncio.run(contents(url))["journal.events"] == before["journal.events"]


@pytest.mark.usefixtures("small_parts")
def test_another_export_is_not_mixed_with_one_that_was_interrupted(move: Move) -> None:
    def break_off(_: int) -> None:
        raise KeyboardInterrupt

    move.leave()
    with pytest.raises(KeyboardInterrupt):
        move.arrive(break_off)
    asyncio.run(add(move.place.database_url))
    move.leave()
    move.told.clear()
    move.arrive()
    assert move.told == [1, 2, 3, 4]


def test_nothing_can_be_read_without_the_key_of_the_lock(move: Move) -> None:
    secrets = [
        bytes.fromhex(row[0].split("\\x")[1].strip('")'))
        for row in asyncio.run(contents(move.place.database_url))["keys.people"]
    ]
    move.leave()
    files = [path for path in move.folder.rglob("*") if path.is_file()]
    plain = b"".join(gzip.decompress(path.read_bytes()) for path in files if path.suffix == ".gz")
    kept = plain + b"".join(path.read_bytes() for path in files)
    assert b"IncidentCreated" in plain
    hidden = [*secrets, *(secret.hex().encode() for secret in secrets), DOCUMENT, b"aude", b"hugo", "écran".encode()]
    assert [word for word in hidden if word in kept] == []
    with pytest.raises(Refused, match="cannot be opened: the key is another's"):
        move.arrive(lock=Lock(bytes(32)))


def test_who_was_erased_stays_so(move: Move, servers_folder: Path) -> None:
    """Also somebody whose texts and document an earlier run had carried out already."""
    first = move.leave()
    asyncio.run(erase(move.place.database_url))
    again = move.leave()
    assert first.rest
    assert again.rest
    assert (first.rest.documents, again.rest.documents) == (1, 0)
    assert not list((move.folder / DOCUMENTS).rglob(SHA256))
    move.arrive()
    with served(move.home, servers_folder / "m4") as url:
        assert asyncio.run(names(url)) == [ERASED, "hugo"]
        assert len(asyncio.run(contents(url))["keys.people"]) == 1


def test_what_services_still_write_is_not_moved_into(move: Move) -> None:
    async def leave_meanwhile() -> Manifest:
        pool = await connect_pool(move.place.database_url, "cecoia_intake", name="cecoia intake", size=1)
        try:
            return await asyncio.to_thread(move.leave)
        finally:
            await pool.close()

    asyncio.run(leave_meanwhile())
    with pytest.raises(Refused, match="while services were at work; stop them and export again"):
        move.arrive()
    move.leave()
    move.arrive()


def test_what_another_transaction_still_hides_is_not_forgotten(move: Move) -> None:
    """One that has nothing to do with the journal: events after it are above the fence, and stay behind."""

    async def leave_meanwhile() -> Manifest:
        other = await asyncpg.connect(move.place.database_url)
        try:
            async with other.transaction():
                await other.execute("SELECT pg_current_xact_id()")
                await add(move.place.database_url)
                return await asyncio.to_thread(move.leave)
        finally:
            await other.close()

    made = asyncio.run(leave_meanwhile())
    assert made.rest
    assert (made.count, made.rest.at_rest) == (3, False)
    assert move.leave().count == 4
    move.arrive()


def test_a_folder_has_one_key(move: Move, tmp_path: Path) -> None:
    """What an earlier run locked stays as it is, so that another key would make a folder that none opens."""
    move.leave()
    move.lock = Lock.make(tmp_path / "other.key")
    with pytest.raises(Refused, match="cannot be opened: the key is another's"):
        move.leave()
    with pytest.raises(Refused, match="cannot be opened: the key is another's"):
        move.arrive()
    assert move.told == [3]
    with pytest.raises(Refused, match="or the file was changed"):
        move.lock.open("documents/ab/abcd", b"what nobody locked")
    variables = {
        "CECOIA_HOME": str(tmp_path),
        "CECOIA_DATABASE_URL": move.place.database_url,
        "CECOIA_DOCUMENTS_URL": move.place.documents_url,
    }
    with pytest.raises(Refused, match=r"gone\.key has no key"):
        COMMANDS["export"](variables, move.folder, tmp_path / "gone.key")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda tables: tables.pop("notifier.work"), "other tables than its database had: notifier.work"),
        (lambda tables: tables.update({"keys.people) AND (true": []}), r"other tables .*: keys\.people\) AND"),
    ],
)
def test_all_tables_arrive_and_no_others(move: Move, change: Callable[[dict], object], words: str) -> None:
    move.leave()
    rewrite(move, lambda manifest: change(manifest["rest"]["tables"]))
    with pytest.raises(Refused, match=words):
        move.arrive()
    assert not (move.home / "postgres").exists()


def damage(move: Move, change: Callable[[bytes], bytes], *, hide: bool) -> None:
    """Change the events that are carried, and what the manifest says of them if it is to be hidden."""
    part = move.folder / "events" / "000001.ndjson.gz"
    content = gzip.compress(change(gzip.decompress(part.read_bytes())))
    part.write_bytes(content)
    if hide:
        rewrite(move, lambda manifest: manifest["events"][0].update(sha256=hashlib.sha256(content).hexdigest()))


def rewrite(move: Move, change: Callable[[dict], object]) -> None:
    path = move.folder / cargo.MANIFEST
    manifest = json.loads(path.read_bytes())
    change(manifest)
    path.write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("change", "hide", "words"),
    [
        (lambda text: text + b"\n", False, "000001.ndjson.gz is not as it was written"),
        (lambda text: text.replace(b"poste.demarrage", b"poste.imprimante", 1), True, "lies: event .* is not what"),
        (lambda text: b"\n".join(text.split(b"\n")[1:]), True, "lies: event .*: version 2 follows 0"),
        (lambda text: b"\n".join(text.split(b"\n")[:2]) + b"\n", True, "lies: block 1"),
    ],
)
def test_a_lie_does_not_arrive(move: Move, change: Callable[[bytes], bytes], hide: bool, words: str) -> None:
    move.leave()
    damage(move, change, hide=hide)
    with pytest.raises(Refused, match=words):
        move.arrive()
    assert not (move.home / "postgres").exists()


def test_a_document_that_is_gone_on_the_way_is_missed(move: Move) -> None:
    move.leave()
    (move.folder / DOCUMENTS / object_path(SHA256)).unlink()
    with pytest.raises(Refused, match=f"documents are gone or damaged: {SHA256}"):
        move.arrive()


def test_a_document_that_was_lost_before_is_told_and_stops_nothing(move: Move) -> None:
    (move.place.folder / DOCUMENTS / object_path(SHA256)).unlink()
    made = move.leave()
    assert made.rest
    assert (made.rest.documents, made.rest.lost) == (0, (SHA256,))
    assert SHA256 in str(made)
    assert move.arrive() == made


def test_what_cannot_be_done_is_refused(move: Move, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is no exported history"):
        move.arrive()
    with pytest.raises(Refused, match="has no key"):
        Lock.read(tmp_path / "other.key")
    move.leave()
    with pytest.raises(Refused, match=r"place is not empty: documents seals\.log"):
        arrive(move.folder, move.lock, move.place.folder, None, move.told.append)
    rewrite(move, lambda manifest: manifest.update(migration=9000))
    with pytest.raises(MigrationError, match="migration 9000 is of a newer version"):
        move.arrive()
    rewrite(move, lambda manifest: manifest.update(format=2))
    with pytest.raises(Refused, match="is of another format than 1"):
        move.arrive()


def test_two_histories_are_not_written_into_one_folder(move: Move) -> None:
    move.leave()
    rewrite(move, lambda manifest: manifest["events"][-1].update(chain="00" * 32))
    with pytest.raises(Refused, match="holds the history of another installation"):
        move.leave()
