"""The mail server of the run: it can misbehave, and remembers when which mail came."""

from __future__ import annotations

import time
from typing import NamedTuple

from tests.support.smtp import Received, SmtpServer


class Delivery(NamedTuple):
    """A mail that was taken: true instant in seconds, its Message-ID, the incident it is about."""

    at: float
    message_id: str
    number: str


class Mailbox(SmtpServer):
    """Keeps deliveries in place of whole mails."""

    def __init__(self) -> None:
        super().__init__()
        self.deliveries: list[Delivery] = []
        self.up = False

    async def start(self) -> None:
        """Listen, unless it does."""
        if not self.up:
            self.up = True
            await super().start()

    async def stop(self) -> None:
        """Be down, unless it is."""
        if self.up:
            self.up = False
            await super().stop()

    def take(self, mail: Received) -> None:
        """Remember that a mail came."""
        message = mail.message
        self.deliveries.append(Delivery(time.time(), message["Message-ID"], message["X-CeCoIA-Incident"]))

    def has(self, number: str) -> bool:
        """Whether a mail about the incident came."""
        return any(delivery.number == number for delivery in reversed(self.deliveries))
