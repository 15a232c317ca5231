"""The mails themselves, kept beside the documents and sealed with the key of whoever they come from or go to.

A mail waits until the journal has it, so that what failed can be read again; then it is kept for good. It goes with
its person: the key makes it unreadable, and housekeeping deletes it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from shared.documents import DocumentStore
from shared.journal.sealing import Vault

_WAITING: Final = "mails/waiting/"
_KEPT: Final = "mails/kept/"
#: Where all of them lie, in the order of their way: who looks there in it misses none that is moved meanwhile.
FOLDERS: Final = (_WAITING, _KEPT)


class Mail(msgspec.Struct, frozen=True):
    """A mail as it was handed over: the sender that the mail server named, and its bytes."""

    envelope: str
    raw: bytes


class Place(NamedTuple):
    """Whose mail it is, and its name."""

    person: UUID
    name: UUID

    def within(self, folder: str) -> str:
        """Where it lies in a folder."""
        return f"{folder}{self.person}/{self.name}"


class Archive:
    """Keeps mails.

    Args:
        store: of the documents.
        vault: seals.
    """

    def __init__(self, store: DocumentStore, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    async def put(self, place: Place, mail: Mail) -> None:
        """Keep a mail that the journal does not have yet.

        Raises:
            LookupError: the person is being forgotten.
            StoreFullError, StoreUnavailableError: it cannot be kept now.
        """
        sealed = await self._vault.seal_bytes(place.person, place.name, msgspec.msgpack.encode(mail))
        await self._store.write(place.within(_WAITING), sealed)

    async def settle(self, place: Place) -> None:
        """Say that nothing is left to do for a mail; errors as `put`."""
        with suppress(FileNotFoundError):  # it does not wait any more
            await self._store.move(place.within(_WAITING), place.within(_KEPT))

    async def drop(self, place: Place) -> None:
        """Forget a mail that waits; errors as `put`."""
        await self._store.delete(place.within(_WAITING))

    async def read(self, place: Place) -> Mail | None:
        """A mail, waiting or kept; None where there is none, or nobody can read it any more.

        Raises:
            SealBrokenError: it was tampered with.
            StoreUnavailableError: the store does not answer.
        """
        for folder in FOLDERS:
            try:
                sealed = await self._store.read(place.within(folder))
                opened = await self._vault.unseal_bytes(place.person, place.name, sealed)
            except (FileNotFoundError, LookupError):
                continue
            return msgspec.msgpack.decode(opened, type=Mail)
        return None

    async def places(self, *, waiting_only: bool) -> AsyncIterator[Place]:
        """Where mails are: those that wait, or all."""
        for folder in FOLDERS[:1] if waiting_only else FOLDERS:
            async for path, _ in self._store.names(folder):
                person, name = path.rsplit("/", 2)[1:]
                yield Place(UUID(person), UUID(name))


async def forget(store: DocumentStore, person: UUID) -> None:
    """Delete the mails of somebody who was erased."""
    for folder in FOLDERS:
        for path in [path async for path, _ in store.names(f"{folder}{person}/")]:
            await store.delete(path)
