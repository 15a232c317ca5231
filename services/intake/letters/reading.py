"""From the bytes of a mail to what it says. Pure, and it takes its time: not for the loop of a server."""

from __future__ import annotations

import hashlib
from email import message_from_bytes, policy
from email.message import Message
from itertools import islice
from typing import Final

from services.intake.letters.folding import fold
from services.intake.letters.headers import UNREADABLE, Mail, headers, message_id, references, sender, subject
from services.intake.letters.letter import Letter, Nature
from services.intake.letters.natures import nature, report
from services.intake.letters.parts import Content, content

#: More parts than any program makes.
_PARTS: Final = 300
#: Between two texts that a mail shows one below the other.
_BETWEEN: Final = "\n\n"


class UnreadableError(Exception):
    """The bytes are no mail that anybody could read."""


def read(raw: bytes, envelope: str) -> Letter:
    """Read a mail.

    Args:
        raw: its bytes.
        envelope: the sender that the mail server names; empty or `<>` for nobody.

    Raises:
        UnreadableError: it is too broken.
    """
    try:
        message = message_from_bytes(raw, _class=Mail, policy=policy.compat32)
        return _letter(raw, message, envelope)
    except UNREADABLE as error:
        raise UnreadableError(type(error).__name__) from error


def _letter(raw: bytes, message: Message, envelope: str) -> Letter:
    if next(islice(message.walk(), _PARTS, None), None):
        raise UnreadableError("parts")
    address, name = sender(message)
    kind = nature(message, envelope, address)
    found = content(message) if kind is Nature.PERSON else Content()
    own_id = message_id(message)
    text = _BETWEEN.join(filter(None, (body.text for body in found.bodies)))
    fresh = _BETWEEN.join(filter(None, (body.fresh for body in found.bodies)))
    return Letter(
        key=own_id or f"sha256:{hashlib.sha256(raw).hexdigest()}",
        message_id=own_id,
        sender=address,
        name=name,
        subject=subject(message),
        text=text,
        answer=fold(fresh or text),
        enclosures=tuple(one for one in found.enclosures if one.content),
        nature=kind,
        references=references(message),
        verdicts=tuple(headers(message, "Authentication-Results")),
        hops=len(headers(message, "Received")),
        report=report(message) if kind is Nature.BOUNCE else "",
    )
