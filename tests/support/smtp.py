"""A real SMTP server for tests, that can misbehave at any stage of the conversation."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

#: What a fault does instead of a reply.
HANG = "hang"
CUT = "cut"
#: Stages, in their order: the greeting, the commands, the text of the mail, and the reply to its end.
STAGES = ("connect", "ehlo", "mail", "rcpt", "data", "text", "end")


@dataclass
class Fault:
    """At `stage`, answer `action` (a reply line, HANG or CUT), `times` times (None: always), for `recipient` only."""

    stage: str
    action: str
    times: int | None = None
    recipient: str | None = None


@dataclass
class Received:
    """A mail that the server has taken, whether or not it could say so."""

    sender: str
    recipient: str
    message: EmailMessage


@dataclass
class SmtpServer:
    """A server on 127.0.0.1. `mails` is what arrived, `faults` is how it misbehaves, `sessions` how often it was called."""

    port: int = 0
    mails: list[Received] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    sessions: int = 0
    _server: asyncio.Server | None = None
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set[_Conversation] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen; after `stop`, on the same port again."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Conversation(self), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Be down: refuse connections, cut those that are open."""
        if self._server is not None:
            self._server.close()
            for conversation in list(self._open):
                conversation.cut()
            await self._server.wait_closed()
            self._server = None
            await asyncio.sleep(0)

    async def until(self, count: int, seconds: float = 20) -> list[Received]:
        """Wait until so many mails have arrived."""
        async with asyncio.timeout(seconds):
            while len(self.mails) < count:
                self._arrived.clear()
                await self._arrived.wait()
        return self.mails

    def take(self, mail: Received) -> None:
        self.mails.append(mail)
        self._arrived.set()

    def fault_at(self, stage: str, recipient: str | None) -> str | None:
        for fault in self.faults:
            if fault.stage == stage and fault.recipient in {None, recipient} and fault.times != 0:
                if fault.times is not None:
                    fault.times -= 1
                return fault.action
        return None


@asynccontextmanager
async def smtp_server() -> AsyncIterator[SmtpServer]:
    """A server that behaves until it is told not to."""
    server = SmtpServer()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


class _Taker:
    """Takes mails; a fault at `end` refuses one, or takes it and never says so."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        action = self.server.fault_at("end", envelope.rcpt_tos[0])
        if action not in {None, HANG, CUT}:
            return action
        message = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)
        self.server.take(Received(envelope.mail_from or "", envelope.rcpt_tos[0], message))
        if action == HANG:
            await asyncio.sleep(3600)
        if action == CUT and smtp.transport is not None:
            smtp.transport.abort()
        return "250 OK"


class _Conversation(SMTP):
    """One session. A fault comes in place of what the stage would have done."""

    def __init__(self, server: SmtpServer) -> None:
        super().__init__(_Taker(server), hostname="test", enable_SMTPUTF8=True)
        self.of = server
        self.recipient: str | None = None
        self.greeted = False

    def connection_made(self, transport: Any) -> None:
        self.of.sessions += 1
        self.of._open.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.of._open.discard(self)
        super().connection_lost(error)

    def cut(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    async def push(self, status: Any) -> None:
        """The first thing said is the greeting."""
        first, self.greeted = not self.greeted, True
        if not (first and await self._fault("connect")):
            await super().push(status)

    async def _fault(self, stage: str) -> bool:
        action = self.of.fault_at(stage, self.recipient)
        if action is None:
            return False
        if action == HANG:
            await asyncio.sleep(3600)
        elif action == CUT:
            self.cut()
        else:
            await super().push(action)
        return True

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        if not await self._fault("ehlo"):
            await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802
        if not await self._fault("ehlo"):
            await super().smtp_HELO(hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        if not await self._fault("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        self.recipient = (arg or "").partition("<")[2].partition(">")[0]
        if not await self._fault("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        if await self._fault("data"):
            return
        action = self.of.fault_at("text", self.recipient)
        if action is None:
            await super().smtp_DATA(arg)
            return
        await super().push("354 End data with <CR><LF>.<CR><LF>")
        await self._reader.readline()
        if action == HANG:
            await asyncio.sleep(3600)
        self.cut()
