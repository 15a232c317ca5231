"""What became of the mails about an incident. They stand in the incident's own stream."""

from datetime import datetime
from uuid import UUID

from shared.events.base import Event, Person, Personal
from shared.events.vocabulary import Message


class ConfirmationSent(Event, frozen=True, kw_only=True, tag="ConfirmationSent.1"):
    """The creation of the incident was confirmed by mail."""

    to: Person
    message: Message
    message_id: str
    cause: UUID
    attempts: int
    sent_at: datetime


class NotificationSent(Event, frozen=True, kw_only=True, tag="NotificationSent.1"):
    """A later notice was handed to the mail server; `cause` is the event it tells of."""

    to: Person
    message: Message
    message_id: str
    cause: UUID
    attempts: int
    sent_at: datetime


class NotificationFailed(Event, frozen=True, kw_only=True, tag="NotificationFailed.1"):
    """A mail was given up after `attempts` tries; `error` is the server's last word."""

    to: Person
    message: Message
    message_id: str
    cause: UUID
    attempts: int
    error: Personal


class NotificationBounced(Event, frozen=True, kw_only=True, tag="NotificationBounced.1"):
    """A mail that was sent came back: it reached nobody. `error` is what the other mail server says.

    `cause` is the event that the mail told of, `mail` the name under which the report is kept.
    """

    to: Person
    message: Message
    message_id: str
    cause: UUID
    mail: UUID
    error: Personal
