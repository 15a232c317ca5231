"""The demo mail server's Maildir, read as a person reads a mailbox."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path


def mails(home: Path) -> Iterator[EmailMessage]:
    """Every mail that has arrived, in no order."""
    for path in (home / "mail").rglob("*"):
        if path.is_file() and path.parent.name in {"new", "cur"}:
            message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
            assert isinstance(message, EmailMessage)
            yield message


def await_mail(home: Path, to: str, *words: str, seconds: float = 30) -> EmailMessage:
    """The mail to that address whose subject has all these words, once it has arrived."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for message in mails(home):
            if to in message["To"] and all(word in message["Subject"] for word in words):
                return message
        time.sleep(0.2)
    raise AssertionError(f"no mail to {to} about {words}; there are {[message['Subject'] for message in mails(home)]}")
