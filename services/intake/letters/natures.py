"""Who wrote a mail: a person, a machine that nobody should answer, a mail server that reports, or CeCoIA itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message
from typing import Any, Final

from services.intake.letters.headers import header, headers
from services.intake.letters.letter import Nature
from shared.mail import LOOP
from shared.text import clean_name

#: Headers that only machines write, whatever they say.
_MECHANICAL: Final = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Vacation", "List-Id", "List-Unsubscribe")
_BULK: Final = frozenset({"bulk", "list", "junk", "auto_reply", "auto-reply"})
#: How answering machines without any such header begin their subject.
_AWAY: Final = re.compile(
    r"(r[ée]ponse automatique|abs(ence|ente?) du bureau|message d.absence|automatic reply|out of( the)? office)\b",
    re.IGNORECASE,
)
_POSTMEN: Final = frozenset({"mailer-daemon", "postmaster"})
#: The envelope's sender of mails that nobody is to report about.
NOBODY: Final = ("", "<>")


def nature(message: Message, envelope: str, sender: str | None) -> Nature:
    """Say who wrote a mail.

    Args:
        message: the mail.
        envelope: sender that the mail server names; empty or `<>` for nobody.
        sender: address in From.
    """
    if headers(message, LOOP):
        return Nature.OURS
    kind = str(message.get_content_type())
    if kind == "multipart/report":
        return Nature.BOUNCE if any(_failed(block) for block in _status(message)) else Nature.MACHINE
    if _is_mechanical(message):
        return Nature.MACHINE
    if envelope in NOBODY:
        local = (sender or "").partition("@")[0]
        return Nature.BOUNCE if local in _POSTMEN else Nature.MACHINE
    return Nature.PERSON


def _is_mechanical(message: Message) -> bool:
    return (
        header(message, "Auto-Submitted").lower() not in {"", "no"}
        or header(message, "Precedence").lower() in _BULK
        or bool(header(message, "X-Auto-Response-Suppress"))
        or any(headers(message, name) for name in _MECHANICAL)
        or _AWAY.match(header(message, "Subject")) is not None
    )


def report(message: Message) -> str:
    """What the mail server says of a failed delivery, on one line; empty where it does not say."""
    for block in _status(message):
        if _failed(block):
            return clean_name(f"{block.get('Status', '')} {block.get('Diagnostic-Code', '')}")
    return ""


def _status(message: Message) -> Iterator[Message]:
    """The blocks of a delivery report (RFC 3464), one about the mail and one for each recipient."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks: Any = part.get_payload()
            yield from (block for block in blocks if isinstance(block, Message)) if isinstance(blocks, list) else ()


def _failed(block: Message) -> bool:
    return str(block.get("Action", "")).strip().lower() == "failed"
