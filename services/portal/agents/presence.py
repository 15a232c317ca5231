"""Who else looks at an incident, or writes about it: for agents, a convenience in Redis that forgets by itself."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from redis.exceptions import RedisError

from services.portal.access.session import Session

if TYPE_CHECKING:
    from redis.asyncio import Redis

#: Seconds for which somebody counts as looking since their page was last heard of, and as writing since they typed.
LOOKS: Final = 30.0
WRITES: Final = 20.0
#: How often an open page looks who else is there, in seconds.
_PAUSE: Final = 2.0
_WAITING: Final = 100
_LOOK, _WRITE = "look", "write"
_FORM: Final = re.compile(r"[a-z]{2,20}:([0-9]{7}_[0-9]{4,9})")
_NUMBER: Final = re.compile(r"[0-9]{7}_[0-9]{4,9}")
_CHANGED: Final = b"event: presence\ndata: {}\n\n"
_END: Final = b"\n\n"


class Someone(NamedTuple):
    """An agent who is at the same incident."""

    name: str
    writes: bool


class Presence:
    """Who is where. `clock` gives seconds since the epoch, the same for all processes of the portal."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.time) -> None:
        self._redis, self._clock = redis, clock

    async def look(self, number: str, person: Session) -> list[Someone]:
        """Say that somebody looks at an incident; returns who else is there."""
        await self._note(number, _LOOK, person, LOOKS)
        return await self.others(number, person)

    async def write(self, form: str, person: Session | None) -> None:
        """Say that an agent types into a form, named as drafts are; forms of no incident and of others say nothing."""
        found = _FORM.fullmatch(form)
        if found and person and person.is_agent:
            await self._note(found[1], _WRITE, person, WRITES)

    async def leave(self, number: str, person: Session) -> None:
        """Say that somebody closed the page; another of their pages says otherwise soon."""
        await self._redis.hdel(_key(number), f"{_LOOK}:{person.owner}", f"{_WRITE}:{person.owner}")

    async def others(self, number: str, person: Session) -> list[Someone]:
        """Who else is there, by name."""
        noted = cast("dict[str, str]", await self._redis.hgetall(_key(number)))
        here: dict[str, Someone] = {}
        for field, value in noted.items():
            kind, _, owner = field.partition(":")
            until, _, name = value.partition(" ")
            if float(until) > self._clock() and owner != person.owner:
                here[owner] = Someone(name, kind == _WRITE or (owner in here and here[owner].writes))
        return sorted(here.values())

    async def _note(self, number: str, kind: str, person: Session, seconds: float) -> None:
        until = f"{self._clock() + seconds} {person.name}"
        await self._redis.hset(_key(number), f"{kind}:{person.owner}", until)
        await self._redis.expire(_key(number), int(LOOKS))


def is_number(text: str) -> bool:
    """Whether the text is a number as pages write it."""
    return _NUMBER.fullmatch(text) is not None


async def accompanied(
    events: AsyncIterator[bytes], presence: Presence, number: str, person: Session
) -> AsyncIterator[bytes]:
    """The events of a page, and one more whenever somebody else comes to the incident, writes or goes.

    Args:
        events: server-sent events, in pieces of any size.
        presence: who is where.
        number: of the incident that the page shows.
        person: whose page it is.
    """
    queue: asyncio.Queue[bytes | None] = asyncio.Queue(_WAITING)
    tasks = [
        asyncio.create_task(_pass_on(events, queue)),
        asyncio.create_task(_watch(presence, number, person, queue)),
    ]
    try:
        while (event := await queue.get()) is not None:
            yield event
    finally:
        for task in tasks:
            task.cancel()
        # Waited for, not gathered: whoever is cancelled here must not cancel them in the middle of leaving.
        await asyncio.wait(tasks)


async def _pass_on(events: AsyncIterator[bytes], queue: asyncio.Queue[bytes | None]) -> None:
    """Whole events only, so that nothing comes into the middle of one; however they end, the page's stream ends too."""
    rest = b""
    try:
        async for chunk in events:
            whole, end, rest = (rest + chunk).rpartition(_END)
            if end:
                await queue.put(whole + end)
    finally:
        if queue.full():
            queue.get_nowait()  # a hint: whoever opens the stream again reads everything anew
        queue.put_nowait(None)


async def _watch(presence: Presence, number: str, person: Session, queue: asyncio.Queue[bytes | None]) -> None:
    """Be seen at the incident as long as the page is open, and tell it when others come, write or go."""
    seen: list[Someone] | None = None
    try:
        while True:
            with suppress(RedisError, OSError):
                here = await presence.look(number, person)
                if seen is not None and here != seen:
                    await queue.put(_CHANGED)
                seen = here
            await asyncio.sleep(_PAUSE)
    finally:
        with suppress(RedisError, OSError):
            await presence.leave(number, person)


def _key(number: str) -> str:
    return f"portal:presence:{number}"
