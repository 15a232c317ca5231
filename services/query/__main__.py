"""`python -m services.query`: answers over HTTP; with a word behind it, what keeps the answers up to date.

project          follow the journal for ever
rebuild NAME     build a projection anew beside the one that is read, then let it be read
prove NAME       build one aside and compare it with the one that is read; exit 1 where they differ, 130 where stopped
export NUMBER    print everything that is held about whoever asked for an incident
"""

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import asyncpg
import msgspec

from services.query.app import ROLE, create_app
from services.query.incidents import export
from services.query.incidents.export import UnknownIncidentError
from services.query.projections import generations
from services.query.projections.following import end
from services.query.projections.generations import Projection
from services.query.projections.projector import Projector
from services.query.projections.prove import NothingToProveError, prove, told
from services.query.projections.rebuild import AlreadyRunningError, rebuild
from services.query.projections.registry import PROJECTIONS
from services.query.projections.tracking import TRACKING
from shared import clock, logs
from shared.database import AWAY, Pool, connect_pool
from shared.http.app import run
from shared.journal.numbers import normalise
from shared.journal.sealing import Vault
from shared.settings import Settings
from shared.startup import wait_for_database

#: Exit status of what was told to stop before it was done, as shells know it.
_INTERRUPTED: Final = 130


class Ends(NamedTuple):
    """What the commands work with."""

    settings: Settings
    pool: Pool
    vault: Vault


@asynccontextmanager
async def _opened(settings: Settings, name: str) -> AsyncIterator[Ends]:
    # A projection that is built anew needs three for itself, and its follower one more.
    pool = await connect_pool(settings.database_url, ROLE, name=f"cecoia {name}", size=2 + 4 * len(PROJECTIONS))
    try:
        yield Ends(settings, pool, Vault(pool))
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(pool.close(), 3)


async def _project(settings: Settings) -> int:
    async with _opened(settings, "projector") as ends:
        await Projector(ends.pool, ends.vault, settings.redis_url, PROJECTIONS).run()


async def _rebuild(settings: Settings, projection: Projection) -> int:
    async with _opened(settings, "rebuild") as ends:
        await rebuild(ends.pool, ends.vault, settings.redis_url, projection, say=_say)
    return 0


async def _prove(settings: Settings, projection: Projection) -> int:
    async with _opened(settings, "prove") as ends:
        reader = await asyncpg.connect(settings.database_url, server_settings={"role": ROLE, "timezone": "UTC"})
        try:
            proof = await prove(ends.pool, reader, ends.vault, projection)
        finally:
            await reader.close()
    for line in told(projection, proof):
        _say(line)
    return 1 if proof.differences else 0


async def _export(settings: Settings, number: str) -> int:
    async with _opened(settings, "export") as ends, ends.pool.acquire() as connection:
        generation = await generations.current(connection, TRACKING.name)
        exact = normalise(number)
        if generation is None or exact is None:
            raise UnknownIncidentError(number)
        person = await export.requester(connection, ends.vault, exact)
        found = await export.read(connection, generation.schema, ends.vault, person, clock.now())
    _say(msgspec.json.format(msgspec.json.encode(found)).decode())
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _until_stopped(work: Coroutine[Any, Any, int], *, stopped_is: int = _INTERRUPTED) -> int:
    """Do the work; SIGTERM and SIGINT end it in good order.

    Args:
        work: what to do.
        stopped_is: exit status where it was stopped; work that has an end was not done then.
    """
    task, stopped = asyncio.create_task(work), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if stopped.is_set():
        await end(task)
    return stopped_is if task.cancelled() else task.result()


def main() -> int:
    """Read the command line and do it; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m services.query", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("project")
    for name in ("rebuild", "prove"):
        commands.add_parser(name).add_argument("projection", choices=sorted(PROJECTIONS))
    commands.add_parser("export").add_argument("number")
    given = parser.parse_args()
    settings = Settings.read_or_exit()
    logs.configure("projector" if given.command == "project" else "query")
    if given.command in {None, "project"}:
        wait_for_database(settings.database_url)
    if given.command is None:
        run(create_app(settings), settings.host, urlsplit(settings.query_url).port or 80)
        return 0
    if given.command == "project":
        return asyncio.run(_until_stopped(_project(settings), stopped_is=0))
    try:
        return asyncio.run(_until_stopped(_once(settings, given)))
    except (AlreadyRunningError, NothingToProveError, UnknownIncidentError, *AWAY, asyncpg.PostgresError) as error:
        sys.stderr.write(f"{given.command}: {type(error).__name__} {error}\n")
        return 1


def _once(settings: Settings, given: argparse.Namespace) -> Coroutine[Any, Any, int]:
    """What ends by itself."""
    if given.command == "export":
        return _export(settings, given.number)
    work = _rebuild if given.command == "rebuild" else _prove
    return work(settings, PROJECTIONS[given.projection])


if __name__ == "__main__":
    sys.exit(main())
