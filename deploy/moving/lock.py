"""What is carried locked: keys of persons and documents, all that the journal itself does not seal.

The key of the lock is made for one export, stands in a file beside the folder, and travels another way than the folder.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from deploy.home import Refused
from shared.documents import DocumentStore

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class Lock:
    """Locks bytes under a name, with AES-256-GCM; what was locked under another name does not open.

    Attributes:
        mark: tells this lock from others, and nothing of its key.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self.mark = hashlib.sha256(b"cecoia moving" + key).hexdigest()

    @classmethod
    def make(cls, file: Path) -> Self:
        """The lock whose key stands in a file; it is made where there is none, for its owner's eyes alone."""
        if not file.exists():
            part = file.with_name(f"{file.name}.part")
            part.touch(mode=0o600)
            part.write_text(f"{secrets.token_hex(_KEY_BYTES)}\n", encoding="ascii")
            part.replace(file)
        return cls.read(file)

    @classmethod
    def read(cls, file: Path) -> Self:
        """The lock whose key stands in a file.

        Raises:
            Refused: there is none.
        """
        try:
            key = bytes.fromhex(file.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            key = b""
        if len(key) != _KEY_BYTES:
            raise Refused(f"{file} has no key; it was made beside the exported folder, and --key names it")
        return cls(key)

    def close(self, name: str, content: bytes) -> bytes:
        """Lock bytes."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, name.encode())

    def open(self, name: str, content: bytes) -> bytes:
        """Inverse of `close`.

        Raises:
            Refused: it was locked with another key or under another name, or changed since.
        """
        try:
            return self._cipher.decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError):
            raise Refused(f"{name} cannot be opened: the key is another's, or the file was changed") from None


class LockedStore:
    """A store whose small objects are locked, each under its path."""

    def __init__(self, store: DocumentStore, lock: Lock) -> None:
        self._store, self._lock = store, lock

    async def read(self, path: str) -> bytes:
        """As `DocumentStore.read`; raises as `Lock.open` too."""
        return self._lock.open(path, await self._store.read(path))

    async def write(self, path: str, content: bytes) -> None:
        """As `DocumentStore.write`."""
        await self._store.write(path, self._lock.close(path, content))
