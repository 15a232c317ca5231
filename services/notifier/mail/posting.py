"""Sends mails one after the other, so that none waits for another's fault. What became of each is in `outcomes`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID

from services.notifier.mail import outcomes
from services.notifier.mail.letters import BadAddress, message_id
from services.notifier.mail.mailer import Blame, Mailer, NotSent
from services.notifier.mail.notices import Notice, Silence, notice_for
from services.notifier.mail.outcomes import Errand
from services.notifier.mail.progress import progress_of
from services.notifier.toolbox import Toolbox, persist
from services.notifier.work import rows as work
from services.notifier.work.claims import apart, claim
from services.notifier.work.duplicates import read_leading
from services.notifier.work.rows import Claimed
from shared.database import AWAY
from shared.journal.read import read_stream
from shared.journal.records import Recorded
from shared.logs import logger

_log = logger(__name__)

#: How many mails one task sends at a time, each over a session of its own.
_LANES: Final = 4
#: A session lost so often in a row means that the server is not well.
_LOST: Final = 2
#: Seconds between two looks at whether the process is to stop, and for a mail that is on its way by then.
_GLANCE: Final = 0.5
_LAST_SECONDS: Final = 2.0
#: How soon mails go again that only had the bad luck of a server being away.
_SERVER_PAUSE: Final = timedelta(seconds=15)


class _Read(NamedTuple):
    """What a mail is written from.

    Attributes:
        events: of the incident that it is about.
        told: of the one that what it tells of happened to: the same, or the one in which that one goes on.
    """

    events: Sequence[Recorded]
    told: Sequence[Recorded]


async def post(tools: Toolbox, ids: Sequence[int], told: UUID) -> None:
    """Send the mails of these rows, as far as they still stand under the lease `told`.

    Gives back what it does not get to: when the server is away, or the process is asked to stop.
    """
    todo = deque(ids)
    async with asyncio.TaskGroup() as lanes:
        for _ in range(min(_LANES, len(todo))):
            lanes.create_task(_lane(tools, todo, told))
    if todo:
        async with tools.pool.acquire() as connection:
            await work.later(connection, list(todo), told, after=timedelta(0) if tools.stopping() else _SERVER_PAUSE)


async def _lane(tools: Toolbox, todo: deque[int], told: UUID) -> None:
    mailer = Mailer(tools.server)
    lost = 0
    try:
        while todo and not tools.stopping():
            failure = await _one(tools, mailer, todo.popleft(), told)
            lost = lost + 1 if failure is not None and failure.lost else 0
            if failure is not None and (failure.blame is Blame.SERVER or lost >= _LOST):
                return
    except AWAY as error:
        # The rows in hand come back when their leases end; what is left is given back by `post`, or comes back too.
        _log.warning("database_away", error=type(error).__name__)
    finally:
        await mailer.close()


async def _one(tools: Toolbox, mailer: Mailer, row_id: int, told: UUID) -> NotSent | None:
    """Claim a row, send its mail, record the outcome; gives the failure, if it was the server's to cause."""
    for row in await claim(tools, [row_id], told):
        async with apart(tools, row, log="mail_broken"):
            return await _send(tools, mailer, row, await _read(tools, row))
    return None


async def _read(tools: Toolbox, row: Claimed) -> _Read:
    async with tools.pool.acquire() as connection:
        stored = await read_stream(connection, row.stream_id)
        leading = await read_leading(connection, stored, row.event_id)
    events = await tools.vault.unseal(stored)
    return _Read(events, events if leading is stored else await tools.vault.unseal(leading))


def _notice(read: _Read, row: Claimed) -> Notice | Silence:
    if read.told is read.events:
        return notice_for(read.events, row.event_id, row.recipient)
    recipient, _, _ = row.recipient.partition(":")
    return progress_of(read.events, read.told, row.event_id, recipient)


async def _send(tools: Toolbox, mailer: Mailer, row: Claimed, read: _Read) -> NotSent | None:
    notice = _notice(read, row)
    letter = message_id(row.event_id, row.recipient, tools.settings.mail_from)
    if isinstance(notice, Silence) or outcomes.was_sent(read.events, letter):
        _log.info("mail_not_needed", work=row.id, reason=notice if isinstance(notice, Silence) else "sent")
        async with tools.pool.acquire() as connection:
            await work.done(connection, [row.id], row.lease)
        return None
    errand = Errand(row=row, notice=notice, message_id=letter, correlation=_correlation(read.told, row.event_id))
    try:
        label = (await tools.catalogue.current()).label(notice.subject)
        await hand_over(tools, mailer, tools.letters.write(notice, letter, label, tools.now()))
    except BadAddress as error:
        await persist(partial(outcomes.gave_up, tools, errand, str(error)))
        return None
    except NotSent as failure:
        await persist(partial(outcomes.failed, tools, errand, failure))
        return failure
    await persist(partial(outcomes.sent, tools, errand, tools.now()))
    return None


async def hand_over(tools: Toolbox, mailer: Mailer, mail: EmailMessage) -> None:
    """Send a mail; a process that is asked to stop waits for a slow server a few seconds only.

    Raises:
        NotSent: the server did not take it, or nobody waited for its answer.
    """
    sending = asyncio.ensure_future(mailer.send(mail))
    try:
        while not sending.done():
            await asyncio.wait({sending}, timeout=_GLANCE)
            if tools.stopping():
                await asyncio.wait({sending}, timeout=_LAST_SECONDS)
                break
        if not sending.done():
            raise NotSent(Blame.SERVER, "the worker was stopped", lost=True)
        await sending
    finally:
        sending.cancel()
        await asyncio.wait({sending})


def _correlation(events: Sequence[Recorded], cause: UUID) -> str | None:
    return next(recorded.meta.correlation for recorded in events if recorded.event_id == cause)
