"""The process that takes mail in: opens what it needs, listens, and goes through kept mails again by hand."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from redis.asyncio import Redis

from services.intake.callers import Callers
from services.intake.incident.deciding import Limits
from services.intake.letters.headers import own_address
from services.intake.post.archive import Archive, Place
from services.intake.post.finding import Finder
from services.intake.post.postman import Postman, Tools
from services.intake.post.replies import reply_to
from services.intake.post.rules import House
from services.intake.post.server import PostServer
from services.intake.recorder import Recorder
from services.intake.uploads import Uploads
from shared import clock
from shared.catalogue import CatalogueWatch
from shared.database import connect_pool
from shared.documents import DocumentStore
from shared.journal.batcher import Batcher
from shared.journal.erasures import heeding
from shared.journal.sealing import Vault
from shared.limits import Limit
from shared.logs import logger
from shared.settings import Settings
from shared.wakeups import Wakeups

_log = logger(__name__)

_POOL_SIZE: Final = 6
#: Seconds for a statement, as in the service.
_ANSWER: Final = 10.0


def house(settings: Settings) -> House:
    """What the operator says, as the rules need it."""
    return House(
        address=own_address(settings.mail_from),
        domains=frozenset(settings.mail_domains),
        authserv=settings.mail_authserv,
        portal=settings.portal_url.rstrip("/"),
        hotline=settings.hotline,
    )


def largest(settings: Settings) -> int:
    """Most bytes of a mail: those of a document, which are half as many again on their way, and a text."""
    return settings.document_size * 3 // 2 + 1024 * 1024


@asynccontextmanager
async def opened(
    settings: Settings, now: Callable[[], datetime] = clock.now, *, limits: bool = True
) -> AsyncIterator[Tools]:
    """All that a mail is taken in with, closed at the end.

    Args:
        settings: addresses and limits.
        now: the clock; tests give their own.
        limits: whether it counts how often somebody writes.

    Raises:
        OSError, asyncpg.PostgresError: the database is away or refuses.
    """
    pool = await connect_pool(
        settings.database_url, "cecoia_intake", name="cecoia post", size=_POOL_SIZE, answer=_ANSWER
    )
    redis = Redis.from_url(settings.redis_url, socket_timeout=1, socket_connect_timeout=1)
    try:
        vault = Vault(pool)
        async with (
            heeding(pool, vault),
            Wakeups(settings.redis_url) as wakeups,
            Batcher(pool, vault, wakeups.notify) as batcher,
        ):
            callers, store = Callers(vault, settings.oidc_issuer), DocumentStore(settings.documents_url)
            yield Tools(
                house=house(settings),
                vault=vault,
                finder=Finder(pool, vault, callers, house(settings)),
                catalogue=CatalogueWatch(pool, vault),
                recorder=Recorder(pool, batcher, Limits(settings.documents_per_incident, settings.reopening)),
                batcher=batcher,
                store=store,
                uploads=Uploads(store),
                archive=Archive(store, vault),
                document_size=settings.document_size,
                often=Limit(redis if limits and settings.limits else None, "mails", most=30, seconds=600),
                now=now,
            )
    finally:
        await redis.aclose()
        await pool.close()


async def serve(settings: Settings) -> None:
    """Take mail in until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    async with opened(settings) as tools:
        server = PostServer(Postman(tools), tools.house.address, largest(settings))
        await server.start(settings.host, urlsplit(settings.post_url).port or 25)
        _log.info("post_listening")
        await stop.wait()
        await server.stop()


async def replay(settings: Settings, *, everything: bool) -> str:
    """Take in once more the mails that wait because something failed, or all that are kept; gives what to tell.

    What the journal has already is not recorded again.

    Raises:
        OSError, asyncpg.PostgresError: the database is away.
    """
    told: Counter[str] = Counter()
    async with opened(settings, limits=False) as tools:
        postman = Postman(tools, again=True)
        for place in [place async for place in tools.archive.places(waiting_only=not everything)]:
            told[await _again(postman, tools.archive, place)] += 1
    return ", ".join(f"{count} {word}" for word, count in sorted(told.items())) or "no mails"


async def _again(postman: Postman, archive: Archive, place: Place) -> str:
    """Take in a mail once more; gives what became of it in one word."""
    try:
        mail = await archive.read(place)
        return str(await postman.receive(mail)) if mail else "erased"
    except Exception as error:  # noqa: BLE001 - one that fails must not keep the others from their turn
        reply = reply_to(error)
        _log.warning("mail_not_replayed", mail=str(place.name), reason=type(error).__name__, exc_info=reply is None)
        return "refused" if reply else "failed"
