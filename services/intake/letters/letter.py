"""What a mail says, once it has been read: plain values, whatever its bytes were like."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import NamedTuple

import msgspec


class Nature(StrEnum):
    """Who, or what, wrote a mail."""

    PERSON = "person"
    MACHINE = "machine"  # an answering machine, a newsletter, a report that nobody has to act on
    BOUNCE = "bounce"  # a mail server says that it could not deliver a mail
    OURS = "ours"  # CeCoIA itself: it came round in a circle


class Enclosure(NamedTuple):
    """A file that came with a mail; nothing has been judged about it yet."""

    filename: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The sum that tells it from other files, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail.

    Attributes:
        key: the same each time the same mail is sent: its Message-ID, or the hash of its bytes.
        message_id: None where it has none, or none that could be referred to.
        sender: the one address in From, in lower case; None where there is none, or more than one.
        name: of the sender, as they write it; may be empty.
        text: all that was written.
        answer: what was written anew, without what is quoted; the same as `text` where nothing else is.
        references: Message-IDs that it refers to, the nearest first.
        verdicts: what servers on its way say of where it comes from (`Authentication-Results`), the last one first.
        hops: how many servers have passed it on.
        report: for a bounce, why the mail was not delivered.
    """

    key: str
    message_id: str | None
    sender: str | None
    name: str
    subject: str
    text: str
    answer: str
    enclosures: tuple[Enclosure, ...]
    nature: Nature
    references: tuple[str, ...]
    verdicts: tuple[str, ...]
    hops: int
    report: str
