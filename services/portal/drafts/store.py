"""What was typed and not yet sent: kept per person (or per browser, while nobody is signed in), never lost.

A draft is a Redis hash whose fields change one by one, so that autosaving, uploading and sending at the same time
cannot undo each other. Its key starts with the owner: what belongs to another cannot even be named. Its id is the
`Idempotency-Key` of what it becomes.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from shared.wire import Document

if TYPE_CHECKING:
    from redis.asyncio import Redis

#: Seconds that a draft lives after its last change.
KEPT: Final = 7 * 86400
KEPT_SIGNED_OUT: Final = 86400
#: Longest time that one sending may take before another may try, in seconds.
_SENDING: Final = 30

_ID: Final = re.compile(r"[A-Za-z0-9_-]{22}")
_FIELD, _FILE = "field:", "file:"


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a draft: the incident, and a fingerprint of the words that were sent."""

    number: str
    words: str


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A form as far as it was filled.

    Attributes:
        id: random, 128 bits.
        form: which form, e.g. `create` or `update:1181106_0230`.
        fields: what was typed, by field name.
        files: uploads to attach, in the order they came.
        saved_at: seconds since the epoch; None when nothing is kept yet.
    """

    id: str
    form: str
    fields: dict[str, str] = {}
    files: list[Document] = []
    saved_at: float | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it that a person would miss."""
        return not self.files and not any(self.fields.values())

    @property
    def words(self) -> str:
        """A fingerprint that tells whether two sendings say the same."""
        said = sorted((name, value.strip()) for name, value in self.fields.items() if value.strip())
        return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def new_id() -> str:
    """An id for a new draft."""
    return secrets.token_urlsafe(16)


def is_id(text: str) -> bool:
    """Whether the text can be the id of a draft."""
    return _ID.fullmatch(text) is not None


class BeingSent(Exception):  # noqa: N818 - says what happened
    """The same draft is being sent by another request and has not come to an end."""


class Drafts:
    """The drafts in Redis. `owner` is `Session.owner` or `browser_owner(…)`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def promise(self, owner: str, draft: str) -> None:
        """Remember whose form carries this id, for the day it comes back without a session."""
        await self._redis.set(f"portal:draft-owner:{draft}", owner, ex=KEPT, nx=True)

    async def promised(self, draft: str) -> str | None:
        """The person whose form carries this id, if it was promised."""
        owner = await self._redis.get(f"portal:draft-owner:{draft}")
        return str(owner) if owner else None

    async def load(self, owner: str, draft: str) -> Draft | None:
        """The draft, if this owner has it."""
        packed = cast("dict[str, str]", await self._redis.hgetall(_key(owner, draft)))
        return _unpack(draft, packed)

    async def current(self, owner: str, form: str) -> Draft | None:
        """The draft of this form that the owner last worked on and did not send."""
        draft = await self._redis.get(_current_key(owner, form))
        return await self.load(owner, str(draft)) if draft else None

    async def open(self, owner: str, form: str) -> Draft:
        """The draft of this form that the owner works on, or a new one; it stays the same until it is sent."""
        await self._redis.set(_current_key(owner, form), new_id(), ex=KEPT, nx=True)
        name = str(await self._redis.get(_current_key(owner, form)) or new_id())
        await self.promise(owner, name)
        return await self.load(owner, name) or Draft(id=name, form=form)

    async def keep(
        self, owner: str, draft: str, form: str, fields: Mapping[str, str], *, now: float, seconds: int = KEPT
    ) -> None:
        """Keep these fields; others of the draft stay as they are."""
        packed: dict[Any, Any] = {f"{_FIELD}{name}": value for name, value in fields.items()}
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(_key(owner, draft), mapping={"form": form, "saved_at": str(now), **packed})
            pipe.expire(_key(owner, draft), seconds)
            pipe.set(_current_key(owner, form), draft, ex=seconds)
            await pipe.execute()

    async def add_file(self, owner: str, draft: str, form: str, file: Document, *, now: float) -> None:
        """Keep an upload with the draft; the same file chosen twice is kept once."""
        known = await self.load(owner, draft)
        if known and any((file.sha256, file.filename) == (one.sha256, one.filename) for one in known.files):
            return
        packed = msgspec.json.encode([now, file])
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(_key(owner, draft), mapping={"form": form, "saved_at": str(now), f"{_FILE}{file.id}": packed})
            pipe.expire(_key(owner, draft), KEPT)
            pipe.set(_current_key(owner, form), draft, ex=KEPT)
            await pipe.execute()

    async def remove_file(self, owner: str, draft: str, file: str) -> None:
        """Take an upload out of the draft."""
        await self._redis.hdel(_key(owner, draft), f"{_FILE}{file}")

    async def copy(self, owner: str, draft: Draft, name: str, *, now: float) -> None:
        """Keep the content of a draft under another id."""
        await self.keep(owner, name, draft.form, draft.fields, now=now)
        for file in draft.files:
            await self.add_file(owner, name, draft.form, file, now=now)

    async def discard(self, owner: str, draft: str) -> None:
        """Forget the draft."""
        form = await self._redis.hget(_key(owner, draft), "form")
        if form is None:
            return
        await self._redis.delete(_key(owner, draft))
        if await self._redis.get(_current_key(owner, str(form))) == draft:
            await self._redis.delete(_current_key(owner, str(form)))

    async def hand_over(self, browser: str, draft: str, person: str, *, now: float) -> Draft | None:
        """Give what a browser kept to the person who signed in there, unless it was promised to another person."""
        kept = await self.load(browser, draft)
        if kept is None or (await self.promised(draft) or person) != person:
            return None
        await self.keep(person, draft, kept.form, kept.fields, now=now)
        await self.discard(browser, draft)
        return await self.load(person, draft)

    async def sent(self, owner: str, draft: str) -> Sent | None:
        """What became of the draft, if it was sent."""
        packed = await self._redis.get(f"{_key(owner, draft)}:sent")
        return msgspec.json.decode(packed, type=Sent) if packed else None

    async def mark_sent(self, owner: str, draft: Draft, number: str) -> None:
        """Remember what became of the draft, and forget its content."""
        sent = Sent(number=number, words=draft.words)
        await self._redis.set(f"{_key(owner, draft.id)}:sent", msgspec.json.encode(sent), ex=KEPT)
        await self.discard(owner, draft.id)

    @asynccontextmanager
    async def sending(self, owner: str, draft: str) -> AsyncIterator[None]:
        """One sending of a draft at a time: the second click waits for what the first one brings.

        Raises:
            BeingSent: the first one takes longer than `_SENDING` seconds.
        """
        lock = self._redis.lock(f"{_key(owner, draft)}:sending", timeout=_SENDING, blocking_timeout=_SENDING)
        if not await lock.acquire():
            raise BeingSent
        try:
            yield
        finally:
            if await lock.owned():
                await lock.release()


def _key(owner: str, draft: str) -> str:
    return f"portal:draft:{owner}:{draft}"


def _current_key(owner: str, form: str) -> str:
    return f"portal:draft:{owner}:current:{form}"


def _unpack(draft: str, packed: Mapping[str, str]) -> Draft | None:
    if not packed:
        return None
    files = sorted(
        (
            msgspec.json.decode(value, type=tuple[float, Document])
            for name, value in packed.items()
            if name.startswith(_FILE)
        ),
        key=lambda kept: kept[0],
    )
    return Draft(
        id=draft,
        form=packed["form"],
        fields={name.removeprefix(_FIELD): value for name, value in packed.items() if name.startswith(_FIELD)},
        files=[file for _, file in files],
        saved_at=float(packed["saved_at"]),
    )
