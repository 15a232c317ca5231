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

from shared.wire.recorded import Document

if TYPE_CHECKING:
    from redis.asyncio import Redis

#: Seconds that a draft lives after its last change.
KEPT: Final = 7 * 86400
KEPT_SIGNED_OUT: Final = 86400
#: Longest time that one sending may take before another may try, in seconds.
_SENDING: Final = 30

_ID: Final = re.compile(r"[A-Za-z0-9_-]{22}")
_FIELD, _FILE = "field:", "file:"

# One step, so that what comes late cannot bring a sent draft back. Keys: the draft, the mark that it was sent, the
# drafts of its form. Arguments: its id, the time, seconds to live, how many fields to drop, these, names and values.
_KEEP: Final = """
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local drop = tonumber(ARGV[4])
for n = 5, 4 + drop do redis.call('HDEL', KEYS[1], ARGV[n]) end
for n = 5 + drop, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[n], ARGV[n + 1]) end
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[3], ARGV[3])
return 1
"""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a draft: the incident, and fingerprints of the words and of the files that were sent."""

    number: str
    words: str
    files: frozenset[str] = frozenset()

    def says(self, draft: Draft) -> bool:
        """Whether the draft says nothing else than what was sent."""
        return draft.words == self.words and draft.prints <= self.files


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

    @property
    def prints(self) -> frozenset[str]:
        """Fingerprints of its files; the same file uploaded twice has one."""
        return frozenset(f"{file.sha256} {file.filename}" for file in self.files)


def new_id() -> str:
    """An id for a new draft."""
    return secrets.token_urlsafe(16)


def is_id(text: str) -> bool:
    """Whether the text can be the id of a draft."""
    return _ID.fullmatch(text) is not None


class BeingSent(Exception):
    """The same draft is being sent by another request and has not come to an end."""


class Drafts:
    """The drafts in Redis. `owner` is `Session.owner` or `browser_owner(…)`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._kept: Any = redis.register_script(_KEEP)

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
        """Of the drafts of this form that were not sent, the one that the owner last worked on and that says something.

        An older one comes to light again as soon as the newer one is sent or discarded.
        """
        names = cast("list[str]", await self._redis.zrevrange(_forms_key(owner, form), 0, -1))
        for name in names:
            draft = await self.load(owner, name)
            if draft is None:
                await self._redis.zrem(_forms_key(owner, form), name)
            elif not draft.is_empty:
                return draft
        return None

    async def open(self, owner: str, form: str) -> Draft:
        """The draft of this form that the owner works on, or a new one; it stays the same until it is sent."""
        if kept := await self.current(owner, form):
            return kept
        await self._redis.set(_blank_key(owner, form), new_id(), ex=KEPT, nx=True)
        name = str(await self._redis.get(_blank_key(owner, form)) or new_id())
        await self.promise(owner, name)
        return await self.load(owner, name) or Draft(id=name, form=form)

    async def keep(
        self, owner: str, draft: str, form: str, fields: Mapping[str, str | None], *, now: float, seconds: int = KEPT
    ) -> bool:
        """Keep these fields, and drop those that are None; others of the draft stay as they are.

        Returns:
            False, and nothing is kept, when the draft was sent already.
        """
        packed = {f"{_FIELD}{name}": value for name, value in fields.items()}
        return await self._keep(owner, draft, form, packed, now=now, seconds=seconds)

    async def _keep(
        self, owner: str, draft: str, form: str, packed: Mapping[str, str | bytes | None], *, now: float, seconds: int
    ) -> bool:
        dropped = [name for name, value in packed.items() if value is None]
        kept = {"form": form, "saved_at": str(now), **{k: v for k, v in packed.items() if v is not None}}
        flat = [part for pair in kept.items() for part in pair]
        keys = [_key(owner, draft), _sent_key(owner, draft), _forms_key(owner, form)]
        return bool(await self._kept(keys=keys, args=[draft, now, seconds, len(dropped), *dropped, *flat]))

    async def add_file(self, owner: str, draft: str, form: str, file: Document, *, now: float) -> bool:
        """Keep an upload with the draft; the same file chosen twice is kept once.

        Returns:
            False, and nothing is kept, when the draft was sent already.
        """
        known = await self.load(owner, draft)
        if known and any((file.sha256, file.filename) == (one.sha256, one.filename) for one in known.files):
            return True
        packed = {f"{_FILE}{file.id}": msgspec.json.encode([now, file])}
        return await self._keep(owner, draft, form, packed, now=now, seconds=KEPT)

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
        if form is not None:
            await self._forget(owner, draft, str(form))

    async def _forget(self, owner: str, draft: str, form: str) -> None:
        await self._redis.delete(_key(owner, draft))
        await self._redis.zrem(_forms_key(owner, form), draft)
        if await self._redis.get(_blank_key(owner, form)) == draft:
            await self._redis.delete(_blank_key(owner, form))

    async def renew(self, owner: str, draft: Draft, *, now: float) -> Draft:
        """Keep what a draft says under a new id, in the place of one whose id was sent already."""
        fresh = Draft(id=new_id(), form=draft.form, fields=draft.fields, files=draft.files, saved_at=now)
        await self.promise(owner, fresh.id)
        await self.copy(owner, fresh, fresh.id, now=now)
        await self._forget(owner, draft.id, draft.form)
        return fresh

    async def hand_over(self, browser: str, draft: str, person: str, *, now: float) -> Draft | None:
        """Give what a browser kept to the person who signed in there, unless it was promised to another person.

        What was typed into a form that the person had sent already becomes a draft of its own.
        """
        kept = await self.load(browser, draft)
        if kept is None or (await self.promised(draft) or person) != person:
            return None
        handed = await self.keep(person, draft, kept.form, kept.fields, now=now)
        await self.discard(browser, draft)
        if handed:
            return await self.load(person, draft)
        sent = await self.sent(person, draft)
        return None if sent and sent.says(kept) else await self.renew(person, kept, now=now)

    async def sent(self, owner: str, draft: str) -> Sent | None:
        """What became of the draft, if it was sent."""
        packed = await self._redis.get(_sent_key(owner, draft))
        return msgspec.json.decode(packed, type=Sent) if packed else None

    async def mark_sent(self, owner: str, draft: Draft, number: str) -> None:
        """Remember what became of the draft, and forget its content."""
        sent = Sent(number=number, words=draft.words, files=draft.prints)
        await self._redis.set(_sent_key(owner, draft.id), msgspec.json.encode(sent), ex=KEPT)
        await self._forget(owner, draft.id, draft.form)

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


def _sent_key(owner: str, draft: str) -> str:
    return f"{_key(owner, draft)}:sent"


def _forms_key(owner: str, form: str) -> str:
    """The drafts of a form that were not sent, by the time of their last change."""
    return f"portal:draft:{owner}:kept:{form}"


def _blank_key(owner: str, form: str) -> str:
    """The draft that a form carries while nothing was typed into it."""
    return f"portal:draft:{owner}:blank:{form}"


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
