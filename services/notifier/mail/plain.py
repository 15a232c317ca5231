"""Simple mails to those who run the service, and to those who follow news: none of them tells of an own incident."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

import msgspec

from services.notifier.mail import letters
from services.notifier.mail.mailer import Blame, Mailer, NotSent
from services.notifier.mail.posting import hand_over
from services.notifier.toolbox import Toolbox
from services.notifier.work import rows as work
from services.notifier.work.rows import Claimed
from shared.clock import PARIS
from shared.logs import logger
from shared.typography import french

_log = logger(__name__)

#: How soon a mail goes again that met a server that was away.
_SERVER_AWAY: Final = timedelta(seconds=60)


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail in plain text, and for programs that show it in HTML too; empty for none.

    Attributes:
        to: name, which may be empty, and address.
    """

    to: tuple[str, str]
    subject: str
    text: str
    html: str = ""


async def deliver(tools: Toolbox, mailer: Mailer, row: Claimed, letter: Letter | None) -> None:
    """Send the mail of a row, if there is one, and end the row, or give it back until the server takes it."""
    if letter is None or await send(tools, mailer, row, letter):
        async with tools.pool.acquire() as connection:
            await work.done(connection, [row.id], row.lease)


async def send(tools: Toolbox, mailer: Mailer, row: Claimed, letter: Letter) -> str | None:
    """Send the mail of a row; gives its Message-ID, None where it did not go out: the row was given back, or up."""
    try:
        mail = _written(tools, row, letter)
        await hand_over(tools, mailer, mail)
    except (NotSent, letters.BadAddress) as error:
        final = isinstance(error, letters.BadAddress) or error.blame is Blame.MAIL
        _log.warning("plain_mail_not_sent", work=row.id, error=type(error).__name__, final=final)
        async with tools.pool.acquire() as connection:
            if final:
                await work.dead(connection, row, error=type(error).__name__)
            else:
                await work.failed(connection, row, error=type(error).__name__, within=_SERVER_AWAY)
        return None
    return str(mail["Message-ID"])


def _written(tools: Toolbox, row: Claimed, letter: Letter) -> EmailMessage:
    sender = tools.settings.mail_from
    mail = EmailMessage(policy=SMTP)
    mail["From"] = letters.sender_address(sender)
    mail["To"] = letters.recipient_address(*letter.to)
    mail["Subject"] = letter.subject  # people and mail programs search for its plain « Incident n° »
    mail["Date"] = format_datetime(tools.now().astimezone(PARIS))
    mail["Message-ID"] = letters.message_id(row.event_id, row.recipient, sender)
    letters.mark_automatic(mail)
    mail.set_content(french(letter.text), cte="quoted-printable")
    if letter.html:
        mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = "fr"
    return mail
