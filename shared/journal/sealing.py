"""Personal text is kept under a key of each person, so that forgetting somebody is deleting one key.

The idea is known as crypto-shredding. Sealed text is `sealed.1.` and the base64 of nonce and AES-256-GCM ciphertext;
event id and place of the field are authenticated with it, so that no text can be moved to another event or field.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag

from shared.database import Connection, Pool
from shared.events import registry
from shared.events.base import ERASED, Event
from shared.events.person import PersonErased
from shared.journal.keys import Key, Keyring
from shared.journal.personal import change_texts, people_in
from shared.journal.records import Recorded, StoredEvent

PREFIX: Final = "sealed.1."
_NONCE_BYTES: Final = 12
_NONCES: Final = 64
_PSEUDONYM_DIGITS: Final = 24


class SealBrokenError(Exception):
    """A sealed text was changed or moved: the journal was tampered with, or the key is another's."""


def _place(event_id: UUID, path: str) -> bytes:
    return event_id.bytes + path.encode()


def draw_nonces() -> Iterator[bytes]:
    """Random nonces, many drawn from the system at a time, which takes longer than to seal a text.

    To be used by one call and thrown away: a generator that two processes inherit would give both the same nonces.
    """
    while True:
        drawn = secrets.token_bytes(_NONCE_BYTES * _NONCES)
        yield from (drawn[at : at + _NONCE_BYTES] for at in range(0, len(drawn), _NONCE_BYTES))


def seal_text(key: Key, event_id: UUID, path: str, text: str, nonce: bytes) -> str:
    """Seal one text for one field of one event, with a nonce that was never used before."""
    sealed = key.cipher.encrypt(nonce, text.encode(), _place(event_id, path))
    return PREFIX + base64.b64encode(nonce + sealed).decode()


def unseal_text(key: Key, event_id: UUID, path: str, sealed: str) -> str:
    """Inverse of `seal_text`.

    Raises:
        SealBrokenError: the text was not sealed with this key for this place.
    """
    try:
        raw = base64.b64decode(sealed.removeprefix(PREFIX), validate=True)
        return key.cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _place(event_id, path)).decode()
    except (InvalidTag, ValueError) as error:
        raise SealBrokenError(f"event {event_id}, field {path}") from error


class Vault:
    """Seals what goes into the journal, opens what comes out, and knows people.

    Methods that take a `connection` use it for the one query they may need, so that they can stand inside a transaction
    without a second connection; without one they use the pool.
    """

    def __init__(self, pool: Pool) -> None:
        self._keyring = Keyring(pool)

    async def person(self, *, issuer: str, sub: str | None, name: str, email: str | None) -> UUID:
        """The pseudonym of somebody; made at first sight.

        Args:
            issuer: address of the identity provider that speaks.
            sub: account there; None for somebody who is only named by address.
            name: not kept; events carry it, sealed.
            email: address, in any case; None where none is known.

        Raises:
            ValueError: neither `sub` nor `email`.
        """
        del name
        return await self._keyring.person(issuer, sub, email)

    async def find_address(self, email: str) -> UUID | None:
        """The pseudonym of whoever last used an e-mail address, if anybody did."""
        return await self._keyring.find_address(email)

    def forget(self, people: Iterable[UUID]) -> None:
        """Read nothing about these people from now on: they were erased."""
        self._keyring.forget(people)

    async def fingerprint(self, owner: UUID, body: bytes) -> str:
        """A hash of a command's body that only the owner's key can repeat, in hexadecimal.

        Raises:
            LookupError: the owner has no key, or no longer.
        """
        key = await self._key(owner)
        return hmac.digest(key.raw, b"fingerprint\0" + body, hashlib.sha256).hex()

    async def pseudonyms(self, people: Collection[UUID], connection: Connection | None = None) -> dict[UUID, str]:
        """What people are called where data leave the system; who was erased is missing.

        Only a person's key makes it, always the same: once that is gone, nothing ties it to the id that they had here.
        """
        keys = await self._keyring.keys(people, connection)
        return {person: _pseudonym(key) for person, key in keys.items()}

    async def seal_bytes(self, person: UUID, name: UUID, content: bytes) -> bytes:
        """What is kept outside of the journal under a name, sealed with the key of whom it tells something about.

        Raises:
            LookupError: they have no key, or no longer.
        """
        key = await self._key(person)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + key.cipher.encrypt(nonce, content, name.bytes)

    async def unseal_bytes(self, person: UUID, name: UUID, sealed: bytes) -> bytes:
        """Inverse of `seal_bytes`.

        Raises:
            LookupError: they have no key, or no longer.
            SealBrokenError: it was not sealed so, or was changed since.
        """
        key = await self._key(person)
        try:
            return key.cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.bytes)
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError(f"object {name}") from error

    async def seal_text(
        self, person: UUID, place: UUID, field: str, text: str, connection: Connection | None = None
    ) -> str:
        """A text that somebody keeps outside the journal, sealed with their key.

        Args:
            person: whose it is.
            place: of the thing that the text belongs to, as an event has an id.
            field: its name there.
            text: what to seal.
            connection: see the class.

        Raises:
            LookupError: the person has no key, or no longer.
        """
        key = await self._key(person, connection)
        return seal_text(key, place, field, text, next(draw_nonces()))

    async def unseal_text(
        self, person: UUID, place: UUID, field: str, sealed: str, connection: Connection | None = None
    ) -> str | None:
        """What `seal_text` sealed; None once the person was erased.

        Raises:
            SealBrokenError: it was changed or moved.
        """
        key = (await self._keyring.keys([person], connection)).get(person)
        return unseal_text(key, place, field, sealed) if key else None

    async def _key(self, person: UUID, connection: Connection | None = None) -> Key:
        key = (await self._keyring.keys([person], connection)).get(person)
        if key is None:
            raise LookupError(person)
        return key

    async def seal(
        self, events: Sequence[tuple[UUID, UUID | None, Event]], connection: Connection | None = None
    ) -> list[bytes]:
        """The JSON text of events, sealed.

        Args:
            events: event id, owner of its texts, event.
            connection: see the class.

        Raises:
            ValueError: an event has personal text and no owner.
        """
        people = {person for _, owner, event in events for person in people_in(event, owner)}
        keys = await self._keyring.keys(people, connection)
        nonces = draw_nonces()
        return [registry.encode(_sealed(event_id, owner, event, keys, nonces)) for event_id, owner, event in events]

    async def unseal(self, stored: Sequence[StoredEvent], connection: Connection | None = None) -> list[Recorded]:
        """Events as code reads them: as `open` gives them, lifted to their newest version."""
        # Old versions are lifted after their texts were opened: they were sealed under the old field names.
        opened = await self.open(stored, connection)
        return [_recorded(one, registry.lift(event)) for one, event in zip(stored, opened, strict=True)]

    async def open(self, stored: Sequence[StoredEvent], connection: Connection | None = None) -> list[Event]:
        """Events as they were written: whatever version, in the clear, `ERASED` where the person was erased.

        Whoever reads that somebody was erased reads nothing about them from then on, the same page included.

        Args:
            stored: a page of events.
            connection: see the class.

        Raises:
            SealBrokenError: a text was tampered with.
            msgspec.ValidationError: an event of a kind this version does not know.
        """
        events = [registry.decode(one.data, upcasts={}) for one in stored]
        self.forget(event.person for event in events if isinstance(event, PersonErased))
        pairs = list(zip(stored, events, strict=True))
        people = {person for one, event in pairs for person in people_in(event, one.meta.owner)}
        keys = await self._keyring.keys(people, connection)
        return [_unsealed(one, event, keys) for one, event in pairs]


def _pseudonym(key: Key) -> str:
    """It begins with a letter, so that no program takes it for a number."""
    return f"p{hmac.digest(key.raw, b'pseudonym', hashlib.sha256).hex()[:_PSEUDONYM_DIGITS]}"


def leave_sealed(stored: Sequence[StoredEvent]) -> list[Recorded]:
    """Events for code that needs no text: as `Vault.unseal` gives them, their texts still sealed, at little cost.

    Raises:
        msgspec.ValidationError: an event of a kind this version does not know.
    """
    return [_recorded(one, registry.lift(registry.decode(one.data, upcasts={}))) for one in stored]


def _sealed(
    event_id: UUID, owner: UUID | None, event: Event, keys: Mapping[UUID, Key], nonces: Iterator[bytes]
) -> Event:
    """What an erased person says or is called is not kept at all."""

    def seal(person: UUID, path: str, text: str) -> str:
        key = keys.get(person)
        return seal_text(key, event_id, path, text, next(nonces)) if key else ERASED

    return change_texts(event, owner, seal)


def _unsealed(stored: StoredEvent, event: Event, keys: Mapping[UUID, Key]) -> Event:
    def unseal(person: UUID, path: str, text: str) -> str:
        key = keys.get(person)
        return unseal_text(key, stored.event_id, path, text) if key and text.startswith(PREFIX) else ERASED

    return change_texts(event, stored.meta.owner, unseal)


def _recorded(stored: StoredEvent, event: Event) -> Recorded:
    return Recorded(
        position=stored.position,
        stream_id=stored.stream_id,
        version=stored.version,
        event_id=stored.event_id,
        recorded_at=stored.recorded_at,
        event=event,
        meta=stored.meta,
        number=stored.number,
    )
