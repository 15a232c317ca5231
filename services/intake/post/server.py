"""The SMTP server: it says 250 only once the journal has what a mail says, or needs nothing of it."""

from __future__ import annotations

import asyncio
from asyncio import BaseTransport
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.intake.post import replies
from services.intake.post.archive import Mail
from services.intake.post.postman import Postman
from shared.database import is_away
from shared.documents import StoreFullError, StoreUnavailableError
from shared.journal.batcher import JournalBusy, JournalUnavailable
from shared.logs import logger

_log = logger(__name__)

#: Mails that are received at once, as each is held in memory while it comes in; the others wait for their turn.
_AT_ONCE: Final = 4
#: Bytes of a line; RFC 5321 asks for 1,000 at least, and a mail is not sent back for what its program wrote.
_LONGEST_LINE: Final = 256 * 1024
#: Seconds that a command, and the mail that follows it, may take.
_PATIENCE: Final = 300.0
#: Seconds for mails that are being recorded when the server is to stop.
_LAST_SECONDS: Final = 4.0
#: What asks to send again later, and is not our fault.
_PASSING: Final = (JournalBusy, JournalUnavailable, StoreFullError, StoreUnavailableError)
#: What the library says by itself, in the words of whoever gets it back.
_WORDS: Final = {
    "552 Error: message size exceeds fixed maximum message size": replies.TOO_LARGE,
    "552 Error: Too much mail data": replies.TOO_LARGE,
}


class Counter:
    """What the sessions of one server share: who is there, whose turn it is, and whether a mail is under way."""

    def __init__(self) -> None:
        self.sessions: set[PostSession] = set()
        self.idle = asyncio.Event()
        self.idle.set()
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._busy = 0

    @asynccontextmanager
    async def receiving(self) -> AsyncIterator[None]:
        """Take part in the work, when it is one's turn."""
        self._busy += 1
        self.idle.clear()
        try:
            async with self._turn:
                yield
        finally:
            self._busy -= 1
            if not self._busy:
                self.idle.set()


class Handler:
    """What the server does with what it is given.

    Args:
        postman: takes mails in.
        address: the one that is ours, in lower case.
    """

    def __init__(self, postman: Postman, address: str) -> None:
        self._postman = postman
        self._address = address

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take mails for our address alone."""
        if address.lower() != self._address:
            return replies.UNKNOWN
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Take in a mail."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        try:
            await self._postman.receive(Mail(envelope.mail_from or "", raw))
        except Exception as error:  # noqa: BLE001 - whatever it was, the sender must hear of it
            return _answer(error)
        return replies.TAKEN

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours in the conversation."""
        _log.error("smtp_failed", error=type(error).__name__, exc_info=error)
        return replies.LATER


def _answer(error: Exception) -> str:
    """What to say of a mail that was not taken, and a line in the log."""
    reply = replies.reply_to(error)
    if isinstance(error, _PASSING) or is_away(error) or type(error) is LookupError:  # a KeyError is our fault
        _log.warning("mail_postponed", reason=type(error).__name__)
    elif reply is None:
        _log.error("mail_failed", error=type(error).__name__, exc_info=error)
    else:
        _log.info("mail_refused", reply=reply[:9], reason=type(error).__name__)
    return reply or replies.LATER


class PostSession(SMTP):
    """One conversation with a mail server."""

    line_length_limit = _LONGEST_LINE

    def __init__(self, handler: Handler, counter: Counter, hostname: str, largest: int) -> None:
        super().__init__(
            handler,
            hostname=hostname,
            ident="CeCoIA",
            data_size_limit=largest,
            enable_SMTPUTF8=True,
            timeout=_PATIENCE,
        )
        self._counter = counter

    def connection_made(self, transport: BaseTransport) -> None:
        """Somebody calls."""
        self._counter.sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """They are gone."""
        self._counter.sessions.discard(self)
        super().connection_lost(error)

    async def push(self, status: Any) -> None:
        """Say one line that any server can read, whatever stands in it."""
        text = status.decode("ascii", "replace") if isinstance(status, bytes) else str(status)
        await super().push(replies.line(_WORDS.get(text, text)))

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - as above
        """Take a mail, when it is its turn."""
        async with self._counter.receiving():
            await super().smtp_DATA(arg)

    def hang_up(self) -> None:
        """End the conversation."""
        if self.transport is not None:
            self.transport.close()


class PostServer:
    """Listens for mail.

    Args:
        postman: takes mails in.
        address: the one that is ours, in lower case.
        largest: most bytes of a mail.
    """

    def __init__(self, postman: Postman, address: str, largest: int) -> None:
        self._counter = Counter()
        self._handler = Handler(postman, address)
        self._hostname = address.rpartition("@")[2]
        self._largest = largest
        self._listening: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; gives the port, which may be asked for as 0.

        Raises:
            OSError: the port is taken.
        """
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(self._session, host, port)
        return int(self._listening.sockets[0].getsockname()[1])

    def _session(self) -> PostSession:
        return PostSession(self._handler, self._counter, self._hostname, self._largest)

    async def stop(self) -> None:
        """Take no more calls, record what was handed over for a few seconds, hang up."""
        if self._listening is not None:
            self._listening.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_SECONDS):
                await self._counter.idle.wait()
        for session in list(self._counter.sessions):
            session.hang_up()
