"""Connections to PostgreSQL, and the SQL that stands in files beside the code that runs it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import asyncpg

if TYPE_CHECKING:
    from typing import TypeAlias

    from asyncpg.pool import PoolConnectionProxy

    Record: TypeAlias = asyncpg.Record
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
else:
    Record, Pool, Connection = asyncpg.Record, asyncpg.Pool, asyncpg.Connection

#: What a call raises when the database is away, going away, or coming back: try the whole unit of work again.
AWAY: Final = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server said goodbye and has not hung up yet
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TransactionTimeoutError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)

#: What asyncpg says, in words alone, where code of ours used a connection twice at the same time.
_TWO_AT_ONCE: Final = "another operation is in progress"
_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


def is_away(error: BaseException) -> bool:
    """Whether the same call may succeed later.

    Arguments that no column can hold never will, nor will two calls at once on one connection, though asyncpg says
    `InterfaceError` to them too.
    """
    return isinstance(error, AWAY) and not isinstance(error, ValueError) and _TWO_AT_ONCE not in str(error)


def stay_cancelled() -> None:
    """To be called first where `AWAY`, or its like for Redis, is caught in a loop.

    A connection that breaks while it is given back to its pool raises, and so hides the cancellation of the task that
    gave it back.

    Raises:
        asyncio.CancelledError: the task was cancelled.
    """
    if (task := asyncio.current_task()) and task.cancelling():
        raise asyncio.CancelledError


async def connect_pool(url: str, role: str, *, name: str, size: int = 10, answer: float = 25.0) -> Pool:
    """Open a pool whose connections work as `role` and cannot hold followers back for long.

    Whoever changes the session of a connection, and does not only open transactions, takes it by `session`.

    Args:
        url: address of the database, as the login user.
        role: what the connections may do, e.g. `cecoia_intake`.
        name: shown in `pg_stat_activity`, e.g. `cecoia intake`.
        size: most connections at once.
        answer: seconds for which a statement is waited for; a wire that lost it says nothing.

    Raises:
        OSError, asyncpg.PostgresError: the database is not there or refuses.
    """
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        reset=_keep_session,
        command_timeout=answer,
        timeout=5,
        server_settings={
            "role": role,
            "application_name": name,
            "synchronous_commit": "on",
            "transaction_timeout": "30s",
            "idle_in_transaction_session_timeout": "20s",
            "lock_timeout": "10s",
            "timezone": "UTC",
            "jit": "off",
        },
    )


async def _keep_session(_connection: Connection) -> None:
    """What asyncpg shall do with a session that is given back, once open transactions are rolled back: nothing.

    Asking the server to reset what nobody changed would double the calls of whoever calls it once.
    """


@asynccontextmanager
async def session(pool: Pool) -> AsyncIterator[Connection]:
    """A connection for what lasts beyond a transaction, such as a lock of the session; nothing of it is left after.

    Raises:
        Exception: as the block, or as asyncpg when the connection breaks.
    """
    async with pool.acquire() as connection:
        try:
            yield connection
            await connection.reset()
        except BaseException:
            connection.terminate()
            raise


class Statements:
    """Named statements of a file: `statements.page` is what follows `-- name: page`; `vars` gives them all."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        vars(self).update(texts)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> str:
            """Each statement is an attribute."""


@cache
def _load(path: Path) -> Statements:
    parts = _NAME.split(path.read_text(encoding="utf-8"))
    names, texts = parts[1::2], parts[2::2]
    if len(set(names)) < len(names):
        raise ValueError(f"{path}: a name stands twice")
    return Statements({name: text.strip() for name, text in zip(names, texts, strict=True)})


def statements(module_file: str, file: str) -> Statements:
    """The named statements of a `.sql` file beside a module.

    Args:
        module_file: `__file__` of the module.
        file: name of the file beside it, e.g. `read.sql`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: two statements have one name.
    """
    return _load(Path(module_file).with_name(file))
