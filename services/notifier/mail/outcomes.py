"""Records what became of a mail: the event and the end of its row, in one transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid5

import msgspec

from services.notifier.mail.mailer import Blame, NotSent
from services.notifier.mail.notices import Notice
from services.notifier.toolbox import Toolbox
from services.notifier.work import rows as work
from services.notifier.work.rows import Claimed
from shared.events.base import Event
from shared.events.notification import ConfirmationSent, NotificationFailed, NotificationSent
from shared.events.vocabulary import Message
from shared.journal.append import append
from shared.journal.records import Append, Meta, NewEvent, Recorded
from shared.logs import logger

_log = logger(__name__)

#: How soon a mail goes again that met a server that was away; its own back-off may be sooner.
_SERVER_AWAY: Final = timedelta(seconds=60)


class _LeaseGone(Exception):
    """The row is in other hands."""


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """A mail on its way: its row, what it says, the Message-ID it has, the request that began it."""

    row: Claimed
    notice: Notice
    message_id: str
    correlation: str | None


def was_sent(events: Sequence[Recorded], message_id: str) -> bool:
    """Whether the journal says that this mail went out; so a lost or rebuilt table of work sends nothing twice."""
    told = (recorded.event for recorded in events)
    return any(isinstance(e, ConfirmationSent | NotificationSent) and e.message_id == message_id for e in told)


async def sent(tools: Toolbox, errand: Errand, sent_at: datetime) -> None:
    """The server took it."""
    kind = ConfirmationSent if errand.notice.message is Message.CREATION else NotificationSent
    row = errand.row
    event = kind(
        to=errand.notice.to,
        message=errand.notice.message,
        message_id=errand.message_id,
        cause=row.event_id,
        attempts=row.attempts,
        sent_at=sent_at,
    )
    async with tools.pool.acquire() as connection, connection.transaction():
        await append(connection, [_command(errand, event, "sent", sent_at)], tools.vault)
        await work.done(connection, [row.id], row.lease)
    tools.wakeups.notify()
    _log.info("mail_sent", **_fields(errand))


async def failed(tools: Toolbox, errand: Errand, failure: NotSent) -> None:
    """The server did not take it: for good, or until the row is due again."""
    if failure.blame is Blame.MAIL or errand.row.last_try:
        await gave_up(tools, errand, str(failure))
        return
    within = _SERVER_AWAY if failure.blame is Blame.SERVER else None
    async with tools.pool.acquire() as connection:
        await work.failed(connection, errand.row, error=_anonymous(errand, str(failure)), within=within)
    _log.warning("mail_postponed", blame=failure.blame, **_fields(errand))


async def gave_up(tools: Toolbox, errand: Errand, error: str) -> None:
    """It never will go out by itself: say so in the journal and leave the row where people see it."""
    try:
        await _record_failure(tools, errand, error)
    except _LeaseGone:  # another worker has the mail now, and may well send it: nothing was final
        _log.warning("mail_not_ours_any_more", **_fields(errand))
        return
    tools.wakeups.notify()
    _log.error("mail_dead", **_fields(errand))


async def _record_failure(tools: Toolbox, errand: Errand, error: str) -> None:
    row = errand.row
    event = NotificationFailed(
        to=errand.notice.to,
        message=errand.notice.message,
        message_id=errand.message_id,
        cause=row.event_id,
        attempts=row.attempts,
        error=error,
    )
    async with tools.pool.acquire() as connection, connection.transaction():
        await append(connection, [_command(errand, event, f"failed:{row.attempts}", tools.now())], tools.vault)
        if not await work.dead(connection, row, error=_anonymous(errand, error)):
            raise _LeaseGone


def _command(errand: Errand, event: Event, outcome: str, at: datetime) -> Append:
    row = errand.row
    meta = Meta(owner=errand.notice.owner, cause=row.event_id, correlation=errand.correlation)
    event_id = uuid5(row.event_id, f"mail:{row.recipient}:{outcome}")
    return Append(
        stream_id=row.stream_id,
        events=(NewEvent(event_id=event_id, event=event, meta=meta),),
        recorded_at=at,
    )


def _fields(errand: Errand) -> dict[str, Any]:
    """What a log line says of a mail: identifiers only."""
    return {
        "work": errand.row.id,
        "number": errand.notice.number,
        "message": errand.notice.message,
        "attempts": errand.row.attempts,
        "request_id": errand.correlation,
    }


def _anonymous(errand: Errand, error: str) -> str:
    """Servers like to repeat the address, or the name that goes with it; the table of work knows nobody."""
    person = errand.notice.to
    for known in filter(None, (person.email, (person.email or "").partition("@")[0], person.name)):
        error = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", "…", error, flags=re.IGNORECASE)
    return error
