"""Tells those whom a news concerned, by mail, how it ended; each of them once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from jinja2 import StrictUndefined, Template

from services.notifier.mail.mailer import Mailer
from services.notifier.mail.plain import Letter, send
from services.notifier.toolbox import Toolbox, persist
from services.notifier.work import rows as work
from services.notifier.work.claims import apart, one_by_one
from services.notifier.work.rows import Claimed
from shared.events.base import ERASED, Event, Person
from shared.events.knowledge import FollowerTold, NewsFollowed, NewsPublished, NewsWithdrawn
from shared.journal.append import append
from shared.journal.read import read_stream
from shared.journal.records import Append, Meta, NewEvent
from shared.logs import logger

_log = logger(__name__)

_WORDS: Final = Template(
    Path(__file__).with_name("bulletin.txt").read_text(encoding="utf-8"),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)


class Bulletin(NamedTuple):
    """What a follower is told: which news ended, and how."""

    to: Person
    title: str
    text: str


async def announce_all(tools: Toolbox, ids: Sequence[int], told: UUID) -> None:
    """Write to the followers of these rows, one after the other."""
    mailer = Mailer(tools.server)
    try:
        async for row in one_by_one(tools, ids, told):
            async with apart(tools, row, log="bulletin_broken"):
                await _announce(tools, mailer, row)
    finally:
        await mailer.close()


async def _announce(tools: Toolbox, mailer: Mailer, row: Claimed) -> None:
    bulletin = await _read(tools, row)
    if bulletin is None:
        async with tools.pool.acquire() as connection:
            await work.done(connection, [row.id], row.lease)
        return
    if message_id := await send(tools, mailer, row, letter(tools, bulletin)):
        await persist(partial(_record, tools, row, bulletin.to, message_id))


async def _read(tools: Toolbox, row: Claimed) -> Bulletin | None:
    """What the follower of a row is to be told; None for nothing."""
    async with tools.pool.acquire() as connection:
        own = await tools.vault.unseal(await read_stream(connection, row.stream_id), connection)
        followed = own[0].event
        if not isinstance(followed, NewsFollowed):
            raise TypeError(f"stream {row.stream_id} follows no news")
        news = await tools.vault.unseal(await read_stream(connection, followed.news), connection)
    return bulletin_for([one.event for one in own], [one.event for one in news], row.event_id)


def bulletin_for(own: Sequence[Event], news: Sequence[Event], cause: UUID) -> Bulletin | None:
    """Say what to tell a follower; None where there is nobody to tell, or they know.

    Args:
        own: the events of following, the first of which names the follower.
        news: the events of the news.
        cause: id of its end.
    """
    knows = any(isinstance(event, FollowerTold) and event.cause == cause for event in own)
    match (own[0], news[0], news[-1]):
        case (NewsFollowed(by=by), NewsPublished(title=title), NewsWithdrawn(text=str() as text)) if not knows:
            return Bulletin(by, title, text) if by.email not in {None, ERASED} else None
        case _:
            return None


def letter(tools: Toolbox, bulletin: Bulletin) -> Letter:
    """The mail."""
    text = _WORDS.render(
        name=bulletin.to.name,
        title=bulletin.title,
        text="\n".join(f"> {line}".rstrip() for line in bulletin.text.splitlines()),
        link=f"{tools.settings.portal_url.rstrip('/')}/incidents/nouveau",
        hotline=tools.settings.hotline,
    )
    to = (bulletin.to.name, bulletin.to.email or "")
    return Letter(to=to, subject=f"[CeCoIA] News terminée – {bulletin.title}", text=text)


async def _record(tools: Toolbox, row: Claimed, to: Person, message_id: str) -> None:
    """Say in the journal that it went out, and end the row, in one transaction."""
    event = FollowerTold(to=to, message_id=message_id, cause=row.event_id, attempts=row.attempts, sent_at=tools.now())
    new = NewEvent(event_id=uuid5(row.event_id, f"told:{row.stream_id}"), event=event, meta=Meta(cause=row.event_id))
    command = Append(stream_id=row.stream_id, events=(new,), recorded_at=tools.now())
    async with tools.pool.acquire() as connection, connection.transaction():
        await append(connection, [command], tools.vault)
        await work.done(connection, [row.id], row.lease)
    _log.info("bulletin_sent", work=row.id, attempts=row.attempts)
