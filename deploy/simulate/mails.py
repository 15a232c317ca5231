"""What the notifier records of a mail, with the ids that it gives. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from services.intake.incident import commands as c
from shared.events.base import Event, Person
from shared.events.notification import ConfirmationSent, NotificationFailed, NotificationSent
from shared.events.vocabulary import Message

#: Which mail tells of a command.
MAIL_OF: Final[Mapping[type[c.Command], Message]] = {
    c.Update: Message.UPDATE,
    c.Take: Message.TAKEN,
    c.Reply: Message.REPLY,
    c.Hold: Message.HOLD,
    c.Resolve: Message.RESOLUTION,
    c.Confirm: Message.CLOSURE,
    c.Refuse: Message.REFUSAL,
    c.Close: Message.CLOSURE,
    c.Cancel: Message.CANCELLATION,
    c.Reopen: Message.REOPENING,
}


class Mail(NamedTuple):
    """A mail that tells somebody of an event; `recipient` is their part in the incident."""

    cause: UUID
    recipient: str
    to: Person
    message: Message

    def sent(self, domain: str, attempts: int, at: datetime) -> tuple[UUID, Event]:
        """The server took it: the event and its id.

        Args:
            domain: of its Message-ID.
            attempts: how often it was tried.
            at: when.
        """
        kind = ConfirmationSent if self.message is Message.CREATION else NotificationSent
        event = kind(
            to=self.to,
            message=self.message,
            message_id=self._message_id(domain),
            cause=self.cause,
            attempts=attempts,
            sent_at=at,
        )
        return self._event_id("sent"), event

    def failed(self, domain: str, attempts: int, error: str) -> tuple[UUID, Event]:
        """No server will ever take it: the event and its id; `error` is the server's last word."""
        event = NotificationFailed(
            to=self.to,
            message=self.message,
            message_id=self._message_id(domain),
            cause=self.cause,
            attempts=attempts,
            error=error,
        )
        return self._event_id(f"failed:{attempts}"), event

    def _message_id(self, domain: str) -> str:
        return f"<{uuid5(self.cause, f'mail:{self.recipient}')}@{domain}>"

    def _event_id(self, outcome: str) -> UUID:
        return uuid5(self.cause, f"mail:{self.recipient}:{outcome}")
