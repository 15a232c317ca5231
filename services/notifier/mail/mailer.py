"""Hands mails to the mail server, and tells failures that pass from failures that stay."""

from __future__ import annotations

import asyncio
import platform
import re
from email.message import EmailMessage
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
import msgspec

_QUIT_LIMIT: Final = 2.0
#: Codes that speak of our account or of the server's state, not of the mail (RFC 4954, RFC 5321 4.2.3).
_OURS: Final = frozenset({421, 503, 530, 534, 535, 538})
_PERMANENT: Final = 500
#: Failures after which the session is still sound: the server answered.
_ANSWERS: Final = (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused)
#: What a server may put into its answers and a database will not take.
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


class Blame(StrEnum):
    """Whose fault it is that a mail did not go out, hence what to do about it."""

    MAIL = "mail"  # refused for good: never try again
    MOMENT = "moment"  # this mail, for now: try it again later
    SERVER = "server"  # no mail goes out at present: try all of them again soon


class NotSent(Exception):
    """The server did not take the mail; `str` gives its last word, `lost` says that the session broke."""

    def __init__(self, blame: Blame, words: str, *, lost: bool) -> None:
        super().__init__(words)
        self.blame = blame
        self.lost = lost


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """Where mails are handed in.

    Attributes:
        encrypted: TLS from the first byte.
        answer_limit: seconds for one answer.
        send_limit: seconds for a whole mail, connection included; shorter than a lease.
        starttls: True to insist on STARTTLS, False to refuse it, None to take it where it is offered.
    """

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    encrypted: bool = False
    starttls: bool | None = None
    answer_limit: float = 15.0
    send_limit: float = 40.0

    @classmethod
    def parse(cls, url: str) -> Server:
        """Read `smtp://[user:password@]host[:port][?starttls=on|off]` or `smtps://…`.

        Raises:
            ValueError: the address is no such thing.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError(f"smtp_url must look like smtp://host:port, not {parts.scheme}://…")
        encrypted = parts.scheme == "smtps"
        wanted = parse_qs(parts.query).get("starttls", [""])[-1]
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if encrypted else 25),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            encrypted=encrypted,
            starttls=False if encrypted else {"on": True, "off": False}.get(wanted),
        )


def blame(error: Exception, *, connected: bool) -> Blame:
    """Say whose fault a failure is.

    Args:
        error: what was raised.
        connected: whether the session stood, greeting and sign-in done, when this mail began.
    """
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=refused):
            return blame(refused[0], connected=connected)
        case aiosmtplib.SMTPResponseException(code=code) if not connected or code in _OURS:
            return Blame.SERVER
        case aiosmtplib.SMTPResponseException(code=code):
            return Blame.MAIL if code >= _PERMANENT else Blame.MOMENT
        case aiosmtplib.SMTPNotSupported() | ValueError() if connected:
            return Blame.MAIL
        case _:
            return Blame.MOMENT if connected else Blame.SERVER


class Mailer:
    """One session with the server, opened when needed and kept for the next mail. Not for concurrent use."""

    def __init__(self, server: Server) -> None:
        """Prepare; connects with the first mail."""
        self._send_limit = server.send_limit
        self._client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.encrypted,
            start_tls=server.starttls,
            timeout=server.answer_limit,
            local_hostname=platform.node() or "localhost",  # a look at the DNS could take longer than the mail
        )

    async def send(self, mail: EmailMessage) -> None:
        """Hand one mail over; returning means that the server said 250 to its data.

        Raises:
            NotSent: it did not, or nobody can tell; the session is closed unless it is known to be sound.
        """
        connected = False
        try:
            async with asyncio.timeout(self._send_limit):
                if not self._client.is_connected:
                    await self._client.connect()
                connected = True
                await self._client.send_message(mail)
        except asyncio.CancelledError:
            self._client.close()
            raise
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            lost = not connected or not isinstance(error, _ANSWERS)
            if lost:
                self._client.close()
            raise NotSent(blame(error, connected=connected), words(error), lost=lost) from error

    async def close(self) -> None:
        """End the session, politely if the server plays along."""
        if not self._client.is_connected:
            return
        try:
            await self._client.quit(timeout=_QUIT_LIMIT)
        except (aiosmtplib.SMTPException, OSError):
            self._client.close()


def words(error: Exception) -> str:
    """What the server said last, or what happened to the connection, on one line."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=refused):
            return words(refused[0])
        case aiosmtplib.SMTPResponseException(code=code, message=message):
            text = f"{code} {message}"
        case TimeoutError():
            text = "the mail server did not answer in time"
        case _:
            text = f"{type(error).__name__}: {error}"
    return _UNPRINTABLE.sub(" ", text).strip()[:500]
