"""Where documents lie: a folder or an S3 bucket, each document under the sha256 of its bytes.

A document is written under a passing name and gets its final one in one step, so that nobody ever sees half of one.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from shared.media_types import Recognition
from shared.text import clean_filename

INCOMING: Final = "incoming/"
#: Where documents stand, by the first two digits of their sums.
SHELVES: Final = tuple(f"documents/{first:02x}/" for first in range(256))

_BUFFER: Final = 5 * 1024 * 1024
_READ_SIZE: Final = 256 * 1024
#: How object_store calls a local file, beside its place, while it writes it.
_UNFINISHED: Final = re.compile(r"#\d+$")
#: How object_store spells "no space left on device" and "quota exceeded" of the system.
_FULL: Final = ("os error 28", "os error 122", "Errno 28", "Errno 122", "EntityTooLarge", "QuotaExceeded")


class DocumentTooLargeError(Exception):
    """The document is longer than allowed; the rest was not read."""


class DocumentEmptyError(Exception):
    """There is not one byte in it."""


class StoreFullError(Exception):
    """There is no room left for documents."""


class StoreUnavailableError(Exception):
    """The store does not answer, or not as it should."""


class StoredDocument(NamedTuple):
    """What is known of a document once it lies in the store. Size in bytes, sha256 in hexadecimal."""

    filename: str
    media_type: str
    size: int
    sha256: str


def object_path(sha256: str) -> str:
    """Where a document lies."""
    return f"{SHELVES[int(sha256[:2], 16)]}{sha256}"


class DocumentStore:
    """Documents, and the small objects that services keep beside them.

    Args:
        url: `file:///folder` (made where it is missing) or `s3://bucket/prefix` (credentials from `AWS_*`).
    """

    def __init__(self, url: str) -> None:
        local = urlsplit(url).scheme == "file"
        self._folder = Path(unquote(urlsplit(url).path)) if local else None
        self._objects: ObjectStore = from_url(url, mkdir=True) if local else from_url(url)

    async def put(self, chunks: AsyncIterator[bytes], filename: str, limit: int) -> StoredDocument:
        """Take in a document as it flows, never holding more than a few megabytes of it.

        Args:
            chunks: its bytes.
            filename: as the sender calls it; cleaned here.
            limit: most bytes that are taken.

        Raises:
            DocumentTooLargeError: longer than `limit`.
            DocumentEmptyError: no bytes.
            ProgramRefusedError: a program, by content or by name.
            StoreFullError, StoreUnavailableError: it could not be kept.
        """
        passing = f"{INCOMING}{uuid4()}"
        with _store_errors():
            document = await self._write(passing, chunks, clean_filename(filename), limit)
            await self._objects.rename_async(passing, object_path(document.sha256))
            await self._make_durable(object_path(document.sha256))
        return document

    async def _write(self, path: str, chunks: AsyncIterator[bytes], filename: str, limit: int) -> StoredDocument:
        digest, recognition, size = hashlib.sha256(), Recognition(), 0
        # Leaving the writer by an exception drops what was written.
        async with obstore.open_writer_async(self._objects, path, buffer_size=_BUFFER, max_concurrency=2) as writer:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise DocumentTooLargeError(filename)
                digest.update(chunk)
                recognition.feed(chunk)
                await writer.write(chunk)
            if not size:
                raise DocumentEmptyError(filename)
            media_type = recognition.media_type(filename)
        return StoredDocument(filename, media_type, size, digest.hexdigest())

    async def _make_durable(self, path: str) -> None:
        """Have the system bring a local file to the disk, names included; other stores do so by themselves."""
        if self._folder is not None:
            await asyncio.to_thread(_synchronise, self._folder, path)

    async def open(self, sha256: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes of a document from `start` up to, not including, `end`.

        Raises:
            FileNotFoundError: there is no such document.
            StoreUnavailableError: it cannot be read now.
        """
        span = (start, end if end is not None else await self.size(sha256))
        if span[0] >= span[1]:
            return
        with _store_errors():
            found = await self._objects.get_async(object_path(sha256), options={"range": span})
            async for chunk in found.stream(min_chunk_size=_READ_SIZE):
                yield bytes(chunk)

    async def size(self, sha256: str) -> int:
        """How many bytes a document has.

        Raises:
            FileNotFoundError: there is no such document.
            StoreUnavailableError: the store does not answer.
        """
        return (await self.head(object_path(sha256)))[0]

    async def head(self, path: str) -> tuple[int, datetime]:
        """Size and last change of an object; errors as `size`."""
        with _store_errors():
            meta = await self._objects.head_async(path)
        return meta["size"], meta["last_modified"]

    async def write(self, path: str, content: bytes) -> None:
        """Keep a small object under this path; errors as `put`."""
        with _store_errors():
            await self._objects.put_async(path, content)
            await self._make_durable(path)

    async def read(self, path: str) -> bytes:
        """A small object; errors as `size`."""
        with _store_errors():
            return bytes(await (await self._objects.get_async(path)).bytes_async())

    async def move(self, path: str, to: str) -> None:
        """Rename an object in one step, replacing what stands there; errors as `size`."""
        with _store_errors():
            await self._objects.rename_async(path, to)

    async def delete(self, path: str) -> None:
        """Remove an object; one that is not there is as good as removed."""
        with _store_errors(), suppress(FileNotFoundError):
            await self._objects.delete_async(path)

    async def names(self, prefix: str) -> AsyncIterator[tuple[str, datetime]]:
        """Path and last change of every object whose path begins so."""
        with _store_errors():
            async for page in self._objects.list_async(prefix):
                for meta in page:
                    yield meta["path"], meta["last_modified"]

    async def drop_unfinished(self, prefix: str, before: datetime) -> int:
        """Remove what writes that broke off before an instant left in a local folder; how many there were.

        `names` does not tell them and `delete` does not take them. Buckets drop such parts by a rule of their own.
        """
        if self._folder is None:
            return 0
        with _store_errors():
            return await asyncio.to_thread(_drop_unfinished, self._folder / prefix, before)


@contextmanager
def _store_errors() -> Iterator[None]:
    """Say in our words what the store says in its own; a missing object stays a FileNotFoundError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        if any(sign in str(error) for sign in _FULL):
            raise StoreFullError from error
        raise StoreUnavailableError(type(error).__name__) from error


def _drop_unfinished(folder: Path, before: datetime) -> int:
    dropped = 0
    for path in folder.glob("*#*"):
        with suppress(FileNotFoundError):  # finished meanwhile
            if _UNFINISHED.search(path.name) and path.stat().st_mtime < before.timestamp():
                path.unlink()
                dropped += 1
    return dropped


def _synchronise(root: Path, path: str) -> None:
    """Bring a file to the disk, and its folders up to the root: any of them may have been made for it just now."""
    places = (path, *(str(folder) for folder in PurePosixPath(path).parents))
    for place in places:
        descriptor = os.open(root / place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
