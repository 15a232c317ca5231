"""The keys of persons and the way to find a person, kept for a minute where they are used."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Final, Generic, NamedTuple, TypeVar
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.database import Connection, Pool, statements

_SQL = statements(__file__, "keys.sql")
#: Seconds for which keys and people are remembered. A process that does not hear of an erasure reads on for so long.
KEPT: Final = 60.0
#: Keys, and people, that are remembered at once. A key ready for use takes 3 kB.
SIZE: Final = 4_000
_KEY_BYTES = 32

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """A bounded memory that forgets: the least recently used first, and everything after `KEPT` seconds."""

    def __init__(self, size: int = SIZE, clock: Callable[[], float] = time.monotonic) -> None:
        self._size, self._clock = size, clock
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, where it is known and fresh."""
        found = self._values.get(key)
        if found is None:
            return None
        until, value = found
        if self._clock() >= until:
            del self._values[key]
            return None
        self._values.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Remember a value that was read just now."""
        self._values[key] = (self._clock() + KEPT, value)
        self._values.move_to_end(key)
        if len(self._values) > self._size:
            self._values.popitem(last=False)


class Key(NamedTuple):
    """The key of a person, as bytes and ready for use."""

    raw: bytes
    cipher: AESGCM


class Keyring:
    """Reads keys and identities, each once a minute at most, and remembers who is gone for good."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._keys: Kept[UUID, Key] = Kept()
        self._people: Kept[tuple[str, str | None, str | None], UUID] = Kept()
        self._gone: set[UUID] = set()
        self._secret: bytes | None = None

    def forget(self, people: Iterable[UUID]) -> None:
        """Never use the keys of these people again, not even where they are being read at this moment."""
        self._gone.update(people)

    async def keys(self, people: Collection[UUID], connection: Connection | None = None) -> dict[UUID, Key]:
        """The keys of these people, with one query at most; who was erased is missing."""
        alive = [person for person in people if person not in self._gone]
        found = {person: key for person in alive if (key := self._keys.get(person))}
        if wanted := [person for person in alive if person not in found]:
            for row in await (connection or self._pool).fetch(_SQL.keys, wanted):
                key = Key(row["key"], AESGCM(row["key"]))
                self._keys.put(row["person"], key)
                found[row["person"]] = key
            # Whoever has an id once had a key.
            self.forget(person for person in wanted if person not in found)
        return {person: key for person, key in found.items() if person not in self._gone}

    async def person(self, issuer: str, sub: str | None, email: str | None) -> UUID:
        """Find or make the person of this account, or of this address where there is no account.

        Raises:
            ValueError: neither account nor address is given.
        """
        if (person := self._people.get((issuer, sub, email))) and person not in self._gone:
            return person
        by_sub = await self._lookup("sub", issuer, sub) if sub else None
        by_email = await self._address(email) if email and email.strip() else None
        if by_sub is None and by_email is None:
            raise ValueError("a person needs an account or an e-mail address")
        person = await self._known(by_sub, by_email) or await self._pool.fetchval(
            _SQL.find_or_make, by_sub, by_email, uuid4(), secrets.token_bytes(_KEY_BYTES)
        )
        self._people.put((issuer, sub, email), person)
        return person

    async def find_address(self, email: str) -> UUID | None:
        """The person whom an address finds, if there is one."""
        return await self._known(None, await self._address(email))

    async def _address(self, email: str) -> bytes:
        return await self._lookup("email", "", email.strip().lower())

    async def _known(self, by_sub: bytes | None, by_email: bytes | None) -> UUID | None:
        """The person, where nothing about them is new; None where `find_or_make` has to decide."""
        lookups = [lookup for lookup in (by_sub, by_email) if lookup]
        rows = {row["lookup"]: row["person"] for row in await self._pool.fetch(_SQL.known, lookups)}
        people = {rows.get(lookup) for lookup in lookups}
        return people.pop() if len(people) == 1 else None

    async def _lookup(self, kind: str, issuer: str, value: str) -> bytes:
        if self._secret is None:
            self._secret = await self._pool.fetchval(_SQL.secret)
        return hmac.digest(self._secret, f"{kind}\0{issuer}\0{value}".encode(), hashlib.sha256)
