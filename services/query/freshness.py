"""Readers that must see their own write: `Min-Event-Position` waits for what they read from."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from litestar.params import HeaderParameter

from services.query.context import Context
from shared.database import Connection, Pool
from shared.http.problems import FieldError, invalid, unavailable
from shared.journal.read import checkpoint, fence
from shared.journal.records import Position

HEADER: Final = "Min-Event-Position"
#: How routes take it.
Fresh = Annotated[str | None, HeaderParameter(name=HEADER, description="Attend que cette position soit visible.")]
_WAIT: Final = 2.0
_PAUSE: Final = 0.02


def read_header(text: str | None) -> Position | None:
    """The position that must be shown; None where the reader asks for none.

    Raises:
        Problem: 422 where it is no position.
    """
    if not text:
        return None
    try:
        return Position.decode(text.strip())
    except ValueError:
        raise invalid(FieldError(HEADER, "Cette position n’a pas été donnée par CeCoIA.")) from None


async def wait_projected(context: Context, projection: str, wanted: Position | None) -> None:
    """Wait until the generation that this process reads shows a position.

    Raises:
        Problem: 503 after two seconds.
    """

    async def reached(connection: Connection) -> bool:
        read = await context.readers.generation(connection, projection)
        return wanted is not None and await checkpoint(connection, read.checkpoint) >= wanted

    if wanted is not None:
        await _wait(context.pool, reached)


async def wait_fenced(context: Context, wanted: Position | None) -> None:
    """Wait until the event feed shows a position; problem as `wait_projected`."""

    async def reached(connection: Connection) -> bool:
        return wanted is not None and await fence(connection) > wanted.xid

    if wanted is not None:
        await _wait(context.pool, reached)


async def _wait(pool: Pool, reached: Callable[[Connection], Awaitable[bool]]) -> None:
    until = time.monotonic() + _WAIT
    while True:
        async with pool.acquire() as connection:
            if await reached(connection):
                return
        if time.monotonic() >= until:
            raise unavailable(1, "Votre dernière action n’est pas encore visible ici. Réessayez dans un instant.")
        await asyncio.sleep(_PAUSE)
