"""What was backed up is what is restored; and what a backup without keys has, nobody can read."""

import asyncio
import hashlib
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from deploy import postgres
from deploy.archive import DATABASE, KEYS, SEALS, Backup, why
from deploy.backup import back_up
from deploy.home import Refused
from deploy.restore import restore
from services.intake.people.erasure import Eraser, Order
from services.intake.receipts import Attempt
from shared import clock
from shared.database import Pool, connect_pool
from shared.documents import DocumentStore, object_path
from shared.events.base import ERASED, Person
from shared.events.incident import DocumentAttached, IncidentCreated
from shared.events.vocabulary import ErasedFor
from shared.journal.append import append
from shared.journal.read import checkpoint, read_page, refuse_restored
from shared.journal.records import START, Position
from shared.journal.sealing import Vault
from shared.journal.verify import verify
from shared.journal.witness import Witness
from tests.integration.journal.sealed import sealing, until_sealed
from tests.support.history import command, opening, person

ROOT = Path(__file__).parents[3]
DOCUMENT = b"%PDF-1.7 une capture"
SHA256 = hashlib.sha256(DOCUMENT).hexdigest()
MAIL = "mails/kept/one/mail"
TABLES = """
SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
WHERE schemaname IN ('journal', 'keys', 'notifier', 'query') AND tablename NOT IN ('generations', 'number_days') ORDER BY 1
"""


class Place:
    """A home by hand: a journal, a store of documents and a witness."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.database_url = folder, database_url
        self.documents_url = (folder / "documents").as_uri()
        self.witness = Witness(folder / SEALS)

    def back_up(self, to: Path, *, with_keys: bool = True) -> Backup:
        return back_up(self.database_url, self.documents_url, self.witness.path, to, with_keys=with_keys)


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Place:
    place = Place(tmp_path / "place", database_url)
    place.folder.mkdir()
    asyncio.run(fill(place))
    return place


@asynccontextmanager
async def intake(database_url: str) -> AsyncIterator[tuple[Pool, Vault]]:
    pool = await connect_pool(database_url, "cecoia_intake", name="tests", size=4)
    try:
        yield pool, Vault(pool)
    finally:
        await pool.close()


async def somebody(vault: Vault, name: str) -> Person:
    found = await vault.person(issuer="https://identity.test", sub=name, name=name, email=f"{name}@cecoia.example")
    return person(found, name)


async def fill(place: Place) -> None:
    """Two people with an incident each, one with a document; all of it sealed, and half of it followed."""
    async with intake(place.database_url) as (pool, vault):
        aude, hugo = await somebody(vault, "aude"), await somebody(vault, "hugo")
        one, two = opening(aude), opening(hugo)
        attached = DocumentAttached(
            document=uuid4(),
            by=aude,
            filename="capture.pdf",
            media_type="application/pdf",
            size=len(DOCUMENT),
            sha256=SHA256,
        )
        async with pool.acquire() as connection:
            await append(connection, [one, two], vault)
            await append(connection, [command(attached, stream_id=one.stream_id, owner=aude.id)], vault)
            first = (await read_page(connection, START, 1))[0].position
    await DocumentStore(place.documents_url).write(object_path(SHA256), DOCUMENT)
    await DocumentStore(place.documents_url).write(MAIL, b"sealed")
    owner = await asyncpg.connect(place.database_url)
    await owner.execute("INSERT INTO journal.checkpoints VALUES ('notifier', $1::xid8, $2)", *first)
    await owner.execute("INSERT INTO journal.checkpoints VALUES ('query.tracking.1', $1::xid8, $2)", *first)
    async with sealing(place.database_url, place.witness):
        await until_sealed(owner, place.witness, 3)
    await owner.close()


@contextmanager
def served(home: Path, sockets: Path) -> Iterator[str]:
    with postgres.serving(home / "postgres", sockets):
        yield postgres.url(sockets, "cecoia")


async def contents(url: str) -> dict[str, list[Any]]:
    """Every row of every table that is kept, as text."""
    connection = await asyncpg.connect(url)
    try:
        names = [row["name"] for row in await connection.fetch(TABLES)]
        return {name: await connection.fetch(f"SELECT t::text FROM {name} AS t ORDER BY 1") for name in names}
    finally:
        await connection.close()


def test_what_is_restored_is_what_was_there(place: Place, tmp_path: Path, servers_folder: Path) -> None:
    before = asyncio.run(contents(place.database_url))
    made = place.back_up(tmp_path / "backup")
    assert (made.events, made.documents, made.lost) == (3, 1, ())
    home = tmp_path / "home"
    assert restore(tmp_path / "backup", tmp_path / "backup" / KEYS, home) == made
    assert {path.name for path in home.iterdir()} == {"lock", "documents", SEALS, "postgres"}
    with served(home, servers_folder / "b1") as url:
        after = asyncio.run(contents(url))
        assert {row[0].split(",")[0] for row in before["journal.checkpoints"]} == {"(notifier", "(query.tracking.1"}
        assert {row[0].split(",")[0] for row in after["journal.checkpoints"]} == {"(notifier"}
        del before["journal.checkpoints"], after["journal.checkpoints"]
        assert after == before
        asyncio.run(goes_on(url, Place(home, url)))


async def goes_on(url: str, place: Place) -> None:
    """Positions grow, numbers are not given twice, people are known, and the seals hold."""
    assert await DocumentStore(place.documents_url).read(object_path(SHA256)) == DOCUMENT
    assert await DocumentStore(place.documents_url).read(MAIL) == b"sealed"
    async with intake(url) as (pool, vault), pool.acquire() as connection:
        await refuse_restored(connection)
        known = await read_page(connection, START)
        aude = await vault.person(issuer="https://identity.test", sub="aude", name="aude", email=None)
        requesters = [one.event.requester for one in await vault.unseal(known[:2])]
        assert [requester.name for requester in requesters] == ["aude", "hugo"]
        assert requesters[0].id == aude
        (outcome,) = await append(connection, [opening(person(aude), at=clock.now())], vault)
        assert outcome.number
        assert int(outcome.number.split("_")[1]) > 10_000
        beyond = Position(known[-1].position.xid + 2**32, 0)  # a cursor that was given out after the backup
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


def test_a_backup_without_keys_reveals_nothing(place: Place, tmp_path: Path) -> None:
    asyncio.run(project(place.database_url))
    place.back_up(tmp_path / "whole")
    made = place.back_up(tmp_path / "bare", with_keys=False)
    assert made.documents is None
    assert {path.name for path in (tmp_path / "bare").iterdir()} == {"backup.json", DATABASE, SEALS}
    keys = asyncio.run(contents(place.database_url))["keys.people"]
    secrets = [row[0].split("\\x")[1].strip('")') for row in keys]
    assert len(secrets) == 2
    for folder, found in (("bare", False), ("whole", True)):
        text = "".join(plain(path) for path in (tmp_path / folder).glob("*.dump"))
        assert [secret in text for secret in secrets] == [found, found]
        assert "IncidentCreated" in text
        assert not any(word in text for word in ("aude", "hugo", "écran", "capture"))
    assert stat.S_IMODE((tmp_path / "whole" / KEYS).stat().st_mode) == 0o600


async def project(url: str) -> None:
    """A projection, which has names in the clear."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "INSERT INTO query.generations (projection, generation, state) VALUES ('tracking', 1, 'current');"
        "SELECT query.make_schema('tracking', 1); CREATE TABLE tracking_1.names AS SELECT 'aude'::text AS name"
    )
    await connection.close()


def plain(dumped: Path) -> str:
    line = [postgres.program("pg_restore"), "--file=-", str(dumped)]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout


def test_who_was_erased_since_stays_so(place: Place, tmp_path: Path, servers_folder: Path) -> None:
    """An old backup is restored with the keys of a newer one."""
    place.back_up(tmp_path / "old", with_keys=False)
    asyncio.run(erase(place.database_url))
    place.back_up(tmp_path / "new")
    restore(tmp_path / "old", tmp_path / "new" / KEYS, tmp_path / "home")
    with served(tmp_path / "home", servers_folder / "b2") as url:
        assert asyncio.run(names(url)) == [ERASED, "hugo"]


def test_older_keys_bring_nobody_back(place: Place, tmp_path: Path, servers_folder: Path) -> None:
    """A backup that knows of an erasure is restored with keys from before; nor does it have the documents."""
    place.back_up(tmp_path / "old")
    asyncio.run(erase(place.database_url))
    assert place.back_up(tmp_path / "new").documents == 0
    restore(tmp_path / "new", tmp_path / "old" / KEYS, tmp_path / "home")
    with served(tmp_path / "home", servers_folder / "b3") as url:
        assert asyncio.run(names(url)) == [ERASED, "hugo"]
        assert len(asyncio.run(contents(url))["keys.people"]) == 1


async def erase(url: str) -> None:
    """As intake does."""
    async with intake(url) as (pool, vault):
        eraser = Eraser(pool, vault, lambda: None)
        attempt = Attempt(key=None, fingerprint=None, version=None, request=None, at=clock.now())
        aude = await vault.person(issuer="https://identity.test", sub="aude", name="aude", email=None)
        await eraser.erase(aude, Order(reason=ErasedFor.REQUEST, force=True), attempt)


async def names(url: str) -> list[str]:
    async with intake(url) as (pool, vault), pool.acquire() as connection:
        recorded = await vault.unseal(await read_page(connection, START))
    return [one.event.requester.name for one in recorded if isinstance(one.event, IncidentCreated)]


@pytest.mark.parametrize("content", [None, b"other bytes"])
def test_a_document_that_is_lost_is_told_and_stops_nothing(place: Place, tmp_path: Path, content: bytes | None) -> None:
    path = place.folder / "documents" / object_path(SHA256)
    path.unlink() if content is None else path.write_bytes(content)
    made = place.back_up(tmp_path / "backup")
    assert (made.documents, made.lost) == (0, (SHA256,))
    assert SHA256 in str(made)


def test_what_cannot_be_done_is_refused(place: Place, tmp_path: Path) -> None:
    bare, keys = tmp_path / "bare", tmp_path / "bare" / KEYS
    place.back_up(bare, with_keys=False)
    with pytest.raises(Refused, match="bare is there already"):
        place.back_up(bare)
    with pytest.raises(Refused, match="--keys"):
        restore(bare, keys, tmp_path / "home")
    keys.touch()
    with pytest.raises(Refused, match=r"place is not empty: documents seals\.log"):
        restore(bare, keys, place.folder)
    with pytest.raises(Refused, match="is no whole backup"):
        restore(tmp_path, keys, tmp_path / "home")
    with pytest.raises(subprocess.CalledProcessError) as failed:
        restore(bare, keys, tmp_path / "home")
    assert "pg_restore: error" in why(failed.value)
    assert {path.name for path in (tmp_path / "home").iterdir()} == {"lock", "restoring"}


def test_an_interrupted_restoration_is_done_again(place: Place, tmp_path: Path) -> None:
    made = place.back_up(tmp_path / "backup")
    (tmp_path / "home" / "restoring").mkdir(parents=True)
    (tmp_path / "home" / "restoring" / "half").touch()
    assert restore(tmp_path / "backup", tmp_path / "backup" / KEYS, tmp_path / "home") == made


@pytest.mark.parametrize("last", ["documents", SEALS])
def test_a_restoration_interrupted_at_its_end_is_done_again(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    """Killed when this was moved to its place, and what comes after it was not."""
    made = place.back_up(tmp_path / "backup")
    home = tmp_path / "home"
    move = Path.replace

    def killed(source: Path, target: Path) -> Path:
        if (home / last).exists():
            raise KeyboardInterrupt
        return move(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            restore(tmp_path / "backup", tmp_path / "backup" / KEYS, home)
    assert (home / last).exists()
    assert restore(tmp_path / "backup", tmp_path / "backup" / KEYS, home) == made
    assert {path.name for path in home.iterdir()} == {"lock", "documents", SEALS, "postgres"}


@pytest.mark.parametrize(
    ("program", "given", "words"),
    [
        ("deploy.backup", {}, "no stack runs in"),
        ("deploy.backup", {"CECOIA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "Connect"),
        (
            "deploy.restore",
            {"CECOIA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
            "unset CECOIA_DATABASE_URL",
        ),
        ("deploy.restore", {}, "is no whole backup"),
    ],
)
def test_a_command_says_in_one_line_why_it_cannot(
    tmp_path: Path, program: str, given: dict[str, str], words: str
) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CECOIA_")}
    line = [sys.executable, "-m", program, str(tmp_path / "backup")]
    environment = kept | given | {"CECOIA_HOME": str(tmp_path / "home")}
    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (1, "", 1)
    assert words in done.stdout
    assert not (tmp_path / "backup").exists()
