"""The store of documents."""

import asyncio
import hashlib
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from shared import clock
from shared.documents import (
    DocumentEmptyError,
    DocumentStore,
    DocumentTooLargeError,
    StoreFullError,
    StoreUnavailableError,
    object_path,
)
from shared.media_types import ProgramRefusedError


@pytest.fixture
def store(tmp_path):
    return DocumentStore((tmp_path / "un dossier").as_uri())


async def chunks(*parts):
    for part in parts:
        yield part


async def whole(store, sha256, *span):
    return b"".join([chunk async for chunk in store.open(sha256, *span)])


def files(tmp_path):
    return sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file())


async def test_a_document_lies_under_its_sum(store, tmp_path):
    content = [b"bonjour ", b"le monde"]
    kept = await store.put(chunks(*content), "note.txt", 100)
    sha256 = hashlib.sha256(b"bonjour le monde").hexdigest()
    assert kept == ("note.txt", "text/plain", 16, sha256)
    assert files(tmp_path) == [f"un dossier/documents/{sha256[:2]}/{sha256}"]
    assert await store.size(sha256) == 16
    assert await whole(store, sha256) == b"bonjour le monde"
    assert await whole(store, sha256, 8) == b"le monde"
    assert await whole(store, sha256, 3, 7) == b"jour"
    assert await whole(store, sha256, 16) == b""
    again = await store.put(chunks(*content), "copie.txt", 100)
    assert again.sha256 == sha256
    await store.delete(object_path(sha256))
    await store.delete(object_path(sha256))
    with pytest.raises(FileNotFoundError):
        await store.size(sha256)
    with pytest.raises(FileNotFoundError):
        await whole(store, sha256)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ([], DocumentEmptyError),
        ([b"", b""], DocumentEmptyError),
        ([b"x" * 60, b"x" * 60], DocumentTooLargeError),
        ([b"#!/bin/sh"], ProgramRefusedError),
    ],
)
async def test_what_is_refused_leaves_nothing(store, tmp_path, content, error):
    with pytest.raises(error):
        await store.put(chunks(*content), "x", 100)
    assert files(tmp_path) == []


async def test_a_sender_that_goes_away_leaves_nothing(store, tmp_path):
    async def broken():
        yield b"x" * 6_000_000
        raise RuntimeError("gone")

    with pytest.raises(RuntimeError):
        await store.put(broken(), "x", 10_000_000)
    async with asyncio.timeout(5):
        while files(tmp_path):
            await asyncio.sleep(0.01)


WRITING = """
import asyncio, os, sys
from pathlib import Path
from shared.documents import DocumentStore

async def endless():
    while True:
        yield b"x" * 1_000_000
        if any(file.stat().st_size for file in Path(sys.argv[2]).glob("incoming/*")):
            os.kill(os.getpid(), 9)

asyncio.run(DocumentStore(sys.argv[1]).put(endless(), "x", 10**9))
"""


async def test_what_a_killed_writer_left_is_dropped_in_time(store, tmp_path):
    folder = tmp_path / "un dossier"
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITING, folder.as_uri(), str(folder))
    assert await killed.wait() == -signal.SIGKILL
    [left] = files(tmp_path)
    await store.write("incoming/whole#1x", b"")
    assert await store.drop_unfinished("incoming/", clock.now() - timedelta(minutes=5)) == 0
    assert left in files(tmp_path)
    assert await store.drop_unfinished("incoming/", clock.now() + timedelta(minutes=5)) == 1
    assert files(tmp_path) == ["un dossier/incoming/whole#1x"]
    assert await store.drop_unfinished("nothing/", clock.now()) == 0


async def test_large_documents(store):
    parts = [bytes([n]) * 1_000_000 for n in range(1, 13)]
    kept = await store.put(chunks(*parts), "x.bin", 20_000_000)
    assert (kept.size, kept.media_type) == (12_000_000, "text/plain")
    assert await whole(store, kept.sha256, 4_999_990, 5_000_010) == b"\x05" * 10 + b"\x06" * 10


async def test_a_name_is_durable_up_to_the_root(store, tmp_path, monkeypatch):
    """A folder made for a document is itself only a name in its parent, which must reach the disk too."""
    brought = []
    monkeypatch.setattr("os.fsync", lambda descriptor: brought.append(Path(f"/proc/self/fd/{descriptor}").readlink()))
    kept = await store.put(chunks(b"x"), "x", 10)
    file = tmp_path / "un dossier" / object_path(kept.sha256)
    assert brought == [file, *file.parents[:3]]
    assert brought[-1] == tmp_path / "un dossier"


#: A mount of its own, which ends with the process that sees it.
OWN_MOUNTS = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
SMALL_DISK = 'mount -t tmpfs -o size=128k tmpfs "$1" && exec "$2" -c "$3" "$1"'
FILLING = """
import asyncio, pathlib, sys
from shared.documents import DocumentStore, StoreFullError

async def endless():
    while True:
        yield bytes(100_000)

store = DocumentStore(pathlib.Path(sys.argv[1]).as_uri())
for write in (store.put(endless(), "x", 10**9), store.write("x", bytes(1_000_000))):
    try:
        asyncio.run(write)
    except StoreFullError:
        print("full")
"""


async def test_a_full_disk_is_told(tmp_path):
    words = (*OWN_MOUNTS, SMALL_DISK, "sh", str(tmp_path), sys.executable, FILLING)
    done = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, check=False)
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this system lets nobody mount a small disk")
    assert done.stdout == "full\nfull\n", done.stderr


async def test_a_disk_that_is_full_once_it_is_reached_is_told(tmp_path, monkeypatch):
    """Some file systems notice only when they are asked to keep what was written."""
    store = DocumentStore(tmp_path.as_uri())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shared.documents._synchronise", full)
    with pytest.raises(StoreFullError):
        await store.put(chunks(b"x"), "x", 10)


async def test_a_folder_that_cannot_be_written(tmp_path):
    store = DocumentStore((tmp_path / "d").as_uri())
    (tmp_path / "d" / "incoming").write_text("a file where a folder should be")
    with pytest.raises(StoreUnavailableError):
        await store.put(chunks(b"x"), "x", 10)


async def test_small_objects(store):
    await store.write("uploads/a.json", b"{}")
    assert await store.read("uploads/a.json") == b"{}"
    await store.move("uploads/a.json", "uploads/b.json")
    assert [path async for path, _ in store.names("uploads/")] == ["uploads/b.json"]
    with pytest.raises(FileNotFoundError):
        await store.read("uploads/a.json")
