"""Mail coming in, for tests: mails as people's programs write them, and somebody who hands them over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, Final, NamedTuple

import aiosmtplib
from msgspec.structs import replace

from services.intake.post.postman import Postman, Tools
from services.intake.post.process import largest, opened
from services.intake.post.server import PostServer
from shared.settings import Settings

US: Final = "assistance@cecoia.example"
CLAIRE: Final = "Claire Martin <claire.martin@academie.example>"
DOMAIN: Final = "academie.example"


def mail(text: str = "Bonjour,\n\nPlus rien ne marche.\n", sender: str = CLAIRE, **headers: str) -> EmailMessage:
    """A mail to us; headers with underscores in their names in place of hyphens."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, US
    message["Message-ID"] = headers.pop("Message_ID", f"<{abs(hash((text, sender)))}@poste.example>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


class Reply(NamedTuple):
    """What the server said to a mail."""

    code: int
    text: str


class Door(NamedTuple):
    """A server that listens, and what it works with."""

    port: int
    tools: Tools

    async def hand_in(self, message: EmailMessage | bytes, envelope: str = "claire.martin@academie.example") -> Reply:
        """Hand a mail over as a mail server does; gives the answer to its last word."""
        raw = message if isinstance(message, bytes) else bytes(message)
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=self.port, timeout=20) as client:
            try:
                _, text = await client.sendmail(envelope, [US], raw, mail_options=[f"SIZE={len(raw)}"])
            except aiosmtplib.SMTPRecipientsRefused as error:
                return Reply(error.recipients[0].code, error.recipients[0].message)
            except aiosmtplib.SMTPResponseException as error:
                return Reply(error.code, error.message)
            return Reply(250, text)


@asynccontextmanager
async def post_server(settings: Settings, **changes: Any) -> AsyncIterator[Door]:
    """A server on a port of its own; people of `DOMAIN` may write to it."""
    settings = replace(settings, **{"mail_domains": (DOMAIN,)} | changes)
    async with opened(settings) as tools:
        server = PostServer(Postman(tools), tools.house.address, largest(settings))
        port = await server.start("127.0.0.1", 0)
        yield Door(port, tools)
        await server.stop()
