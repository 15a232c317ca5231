"""Documents that came with a form after its session had ended: they wait in Redis for the person to sign in.

Only for forms that were shown to somebody who was signed in, so that strangers cannot fill the memory of Redis.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

if TYPE_CHECKING:
    from redis.asyncio import Redis

#: All documents that wait for one form, in bytes.
MOST: Final = 32 * 1024 * 1024
#: Seconds that they wait.
KEPT: Final = 3600


class Waiting(NamedTuple):
    """One document: where its bytes lie, what it is called, of which type."""

    key: str
    filename: str
    media_type: str


class WaitingFiles:
    """The documents that wait.

    Args:
        redis: a client that does not decode: the values are bytes.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def keep(self, owner: str, draft: str, filename: str, media_type: str, chunks: AsyncIterator[bytes]) -> bool:
        """Keep a document as it arrives; False, and nothing kept, when all of them together would be too much."""
        place, taken = _place(owner, draft), 0
        one = Waiting(f"{place}:{await self._counted(f'{place}:count', 1)}", filename, media_type)
        async for chunk in chunks:
            taken += len(chunk)
            if await self._counted(f"{place}:size", len(chunk)) > MOST:
                await self._redis.delete(one.key)
                await self._counted(f"{place}:size", -taken)
                return False
            await self._redis.rpush(one.key, chunk)
            await self._redis.expire(one.key, KEPT)
        await self._redis.rpush(place, msgspec.json.encode(one))
        await self._redis.expire(place, KEPT)
        return True

    async def _counted(self, key: str, more: int) -> int:
        """The count with `more` added; it never stays without an end, even if the file is cut."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.incrby(key, more)
            pipe.expire(key, KEPT)
            count, _ = await pipe.execute()
        return int(count)

    async def listed(self, owner: str, draft: str) -> list[Waiting]:
        """What waits for the form, in the order it came."""
        return [msgspec.json.decode(one, type=Waiting) for one in await self._redis.lrange(_place(owner, draft), 0, -1)]

    async def chunks(self, one: Waiting) -> AsyncIterator[bytes]:
        """The bytes of a document."""
        index = 0
        while (chunk := await self._redis.lindex(one.key, index)) is not None:
            yield chunk if isinstance(chunk, bytes) else chunk.encode()
            index += 1

    async def forget(self, owner: str, draft: str, one: Waiting) -> None:
        """Drop a document; with the last one, all that was counted for the form."""
        place = _place(owner, draft)
        await self._redis.delete(one.key)
        await self._redis.lrem(place, 1, msgspec.json.encode(one).decode())
        if not await self._redis.exists(place):
            await self._redis.delete(f"{place}:count", f"{place}:size")


def _place(owner: str, draft: str) -> str:
    return f"portal:waiting:{owner}:{draft}"
