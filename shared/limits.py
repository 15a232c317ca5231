"""How often one person may do a thing: counted in Redis, so that it holds over all workers and hosts."""

from __future__ import annotations

from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.http.problems import Problem
from shared.logs import logger

_log = logger(__name__)

# One step, so that a count never stays without an end. Answers the count and the milliseconds it still lasts.
_COUNT: Final = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""


class Limit:
    """At most `most` times in `seconds`, counted per person and name.

    Args:
        redis: where to count; None counts nothing (limits are off).
        name: what is counted.
        most: times allowed in a window.
        seconds: length of the window, which begins with the first time.
    """

    def __init__(self, redis: Redis | None, name: str, *, most: int, seconds: int) -> None:
        self._name = name
        self._most = most
        self._seconds = seconds
        self._redis = redis
        self._script: Any = redis.register_script(_COUNT) if redis is not None else None

    async def count(self, who: str) -> None:
        """Count one more time. When Redis is away nothing is refused: limits protect, they must not stop the work.

        Args:
            who: stands for the person; must not be personal itself.

        Raises:
            Problem: 429 with the seconds after which the next time is allowed.
        """
        if self._script is None:
            return
        try:
            count, left = await self._script(keys=[f"limit:{self._name}:{who}"], args=[self._seconds * 1000])
        except (RedisError, OSError) as error:
            _log.warning("limit_not_counted", limit=self._name, reason=type(error).__name__)
            return
        if count > self._most:
            wait = max(1, -(-int(left) // 1000))
            raise Problem(429, headers={"Retry-After": str(wait)}, code="too-many")
