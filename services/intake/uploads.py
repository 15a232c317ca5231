"""Files that wait for the command that will name them: a small object beside the documents says whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

import msgspec

from services.intake.incident.commands import File
from services.intake.receipts import key_reused
from shared.documents import DocumentStore, StoredDocument, StoreUnavailableError, object_path
from shared.http.bodies import Body

PREFIX: Final = "uploads/"


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A stored file and the person who may attach it."""

    person: UUID
    file: File


class Uploads:
    """Keeps and finds uploads."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def keep(
        self, person: UUID, documents: Sequence[StoredDocument], purpose: str, key: str | None
    ) -> list[File]:
        """Note whose these files are; the ids are what commands name.

        Args:
            person: who sent them.
            documents: as they lie in the store.
            purpose: what they were sent to, so that one key can serve two purposes.
            key: `Idempotency-Key`; the same key and files get the same ids.

        Raises:
            Problem: 422 when the key was used for other files.
            StoreFullError, StoreUnavailableError: not all could be noted.
        """
        ids = [uuid5(person, f"{purpose}:{key}:{n}") if key else uuid4() for n in range(len(documents) + 1)]
        files = [File(id=an_id, **document._asdict()) for an_id, document in zip(ids, documents, strict=False)]
        if key is not None:
            await self._check_same(ids, files)
        # The first note comes last: once it stands, all stand, and a try that broke off can be made again.
        for file in reversed(files):
            await self._store.write(note_path(file.id), msgspec.json.encode(Upload(person=person, file=file)))
            await self._still_there(file.sha256)
        return files

    async def _check_same(self, ids: Sequence[UUID], files: Sequence[File]) -> None:
        """Under this key there must be nothing yet, or exactly these files: not one fewer, not one more."""
        known = [await self._read(an_id) for an_id in ids]
        if known[0] is not None and [upload.file if upload else None for upload in known] != [*files, None]:
            raise key_reused()

    async def find(self, ids: Sequence[UUID], person: UUID, body: Body[Any]) -> tuple[File, ...]:
        """The files of these uploads; those of others, unknown or collected ones are noted as errors of `uploads`.

        Raises:
            StoreUnavailableError: the store does not answer.
        """
        files = []
        for upload_id in dict.fromkeys(ids):
            upload = await self._read(upload_id)
            if upload is None or upload.person != person:
                body.refuse("uploads", f"Le fichier {upload_id} n’existe pas ou n’existe plus. Joignez-le de nouveau.")
            else:
                files.append(upload.file)
        return tuple(files)

    async def _read(self, upload_id: UUID) -> Upload | None:
        try:
            return msgspec.json.decode(await self._store.read(note_path(upload_id)), type=Upload)
        except FileNotFoundError:
            return None

    async def _still_there(self, sha256: str) -> None:
        """Make sure, now that it is noted as wanted, that the document was not collected just before."""
        try:
            await self._store.head(object_path(sha256))
        except FileNotFoundError as error:
            raise StoreUnavailableError("collected") from error


def note_path(upload_id: UUID | str) -> str:
    """Where the note about an upload lies."""
    return f"{PREFIX}{upload_id}.json"
