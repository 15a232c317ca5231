"""What is carried: a folder of compressed lines of JSON in numbered parts, and a manifest, written anew after each."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from deploy.home import Refused
from deploy.moving.lock import Lock
from shared.journal.records import START, Position

#: What an importer must know to read a folder; a folder of another one is refused.
FORMAT: Final = 1
MANIFEST: Final = "history.json"
EVENTS: Final = "events"
#: Tables of this schema are locked.
KEYS: Final = "keys."


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A file of lines.

    Attributes:
        name: of the file, in the folder.
        rows: how many lines it has.
        sha256: of its bytes, in hexadecimal.
    """

    name: str
    rows: int
    sha256: str


class Events(Part, frozen=True, kw_only=True):
    """A file of events.

    Attributes:
        last: position of its last one.
        chain: that event's, in hexadecimal; tells one journal from another.
    """

    last: str
    chain: str


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """All that is not events, and may change until the house is left.

    Attributes:
        made_at: when.
        at_rest: no service was at work, so that nothing happened since.
        transaction: id before which every position lies that was given out.
        tables: their parts, by name.
        sequences: the last value that each gave, by name.
        documents: how many are there.
        lost: sha256 of documents that incidents have and the store has not, or no longer as they were.
    """

    made_at: datetime
    at_rest: bool
    transaction: int
    tables: dict[str, list[Part]]
    sequences: dict[str, int]
    documents: int = 0
    lost: tuple[str, ...] = ()

    def with_documents(self, copied: int, lost: list[str]) -> Rest:
        """The same, with what became of the documents."""
        return msgspec.structs.replace(self, documents=copied, lost=tuple(lost))


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder holds.

    Attributes:
        format: of the folder.
        migration: number of the last one that the database had applied.
        lock: mark of the one that locks; empty in folders that were begun before it was kept.
        events: the parts of the journal, in its order.
        rest: None until the export came to its end.
    """

    format: int = FORMAT
    migration: int
    lock: str = ""
    events: list[Events] = []
    rest: Rest | None = None

    @property
    def count(self) -> int:
        """How many events there are."""
        return sum(part.rows for part in self.events)

    @property
    def last(self) -> Position:
        """Where the journal goes on."""
        return Position.decode(self.events[-1].last) if self.events else START

    def __str__(self) -> str:
        documents = f", {self.rest.documents} documents" if self.rest else ""
        lost = f"; not to be found or damaged: {' '.join(self.rest.lost)}" if self.rest and self.rest.lost else ""
        return f"{self.count} events{documents}{lost}"


def save(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest in one step."""
    _write(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))


def read(folder: Path, lock: Lock) -> Manifest:
    """Read the manifest.

    Raises:
        Refused: there is none, it is of a format that this version does not know, or the folder has another lock.
    """
    try:
        content = (folder / MANIFEST).read_bytes()
        if msgspec.json.decode(content)["format"] != FORMAT:
            raise Refused(f"{folder} is of another format than {FORMAT}, which is all that this version knows")
        manifest = msgspec.json.decode(content, type=Manifest)
    except (FileNotFoundError, NotADirectoryError, KeyError, TypeError, msgspec.DecodeError):
        raise Refused(f"{folder} is no exported history") from None
    if manifest.lock not in {"", lock.mark}:
        raise Refused(f"{folder} cannot be opened: the key is another's")
    return manifest


def write_part(folder: Path, name: str, lines: Iterable[bytes], lock: Lock | None = None) -> Part:
    """Write lines into a file of their own, which is on the disk when this returns.

    Args:
        folder: of the export.
        name: of the file, without its ending.
        lines: JSON, without line breaks.
        lock: locks the file; None leaves it open.
    """
    rows = list(lines)
    content = gzip.compress(b"".join(row + b"\n" for row in rows), compresslevel=6, mtime=0)
    name = f"{name}.ndjson.gz"
    if lock:
        name = f"{name}.locked"
        content = lock.close(name, content)
    _write(folder / name, content)
    return Part(name=name, rows=len(rows), sha256=hashlib.sha256(content).hexdigest())


def read_part(folder: Path, part: Part, lock: Lock) -> list[bytes]:
    """The lines of a file.

    Raises:
        Refused: the file is gone or not as it was written, or locked with another key.
    """
    try:
        content = (folder / part.name).read_bytes()
    except FileNotFoundError:
        raise Refused(f"{folder / part.name} is gone") from None
    if hashlib.sha256(content).hexdigest() != part.sha256:
        raise Refused(f"{folder / part.name} is not as it was written")
    if part.name.endswith(".locked"):
        content = lock.open(part.name, content)
    return gzip.decompress(content).splitlines()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
