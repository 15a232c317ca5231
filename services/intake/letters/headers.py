"""The headers of a mail, read so that none of them can stop the reading, however broken it is, or hold it up.

Mails are parsed by the old policy of the standard library, which leaves headers as they came; those that count are read
one by one by the new one, which knows more and takes the square of their length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.errors import MessageError
from email.headerregistry import AddressHeader, ParameterizedMIMEHeader
from email.message import Message
from email.policy import default
from email.utils import parseaddr
from typing import Any, Final

from shared.text import clean_name, has_control, has_deceptive, printable

#: A Message-ID that can be referred to. Some programs write blanks or no `@` into theirs.
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{3,250}>")
_ADDRESS: Final = re.compile(r"[^@\s<>\",;:]{1,64}@[^@\s<>\",;:.]+(\.[^@\s<>\",;:.]+)+")
_LONGEST_ADDRESS: Final = 254
#: References that are looked at; the nearest come first.
_REFERENCES: Final = 50
_SUBJECT_LENGTH: Final = 500
#: Characters of a header that are read.
_LONGEST: Final = 8_000
#: What the standard parser raises over headers that nobody foresaw.
UNREADABLE: Final = (ValueError, LookupError, AttributeError, TypeError, RecursionError, MessageError)


class Mail(Message):
    """A mail, or a part of one. Its headers end somewhere, for the parser too: it takes the square of their length."""

    def get(self, name: str, failobj: Any = None) -> Any:
        """The beginning of a header, as it came."""
        value = super().get(name, failobj)
        return value if value is failobj else str(value)[:_LONGEST]


def header(message: Message, name: str) -> str:
    """The text of a header, decoded; empty where there is none, or none that can be read."""
    return " ".join(printable(str(_value(message, name) or "")).split())


def headers(message: Message, name: str) -> list[str]:
    """The texts of all headers of this name, as they stand in the mail."""
    items: Iterable[tuple[str, Any]] = message.raw_items()
    return [str(value)[:_LONGEST] for key, value in items if key.lower() == name.lower()]


def _value(message: Message, name: str) -> Any:
    """A header as the new policy reads it; None where there is none, or none that can be read."""
    try:
        return next((default.header_fetch_parse(name, value) for value in headers(message, name)), None)
    except UNREADABLE:
        return None


def sender(message: Message) -> tuple[str | None, str]:
    """Address, in lower case, and name of who wrote a mail; no address where it is not exactly one."""
    if len(headers(message, "From")) != 1:
        return None, ""
    value = _value(message, "From")
    found = [(one.addr_spec, one.display_name) for one in value.addresses] if isinstance(value, AddressHeader) else []
    if len(found) != 1:
        return None, ""
    address, name = found[0]
    return readable_address(address), clean_name(name)


def readable_address(text: str) -> str | None:
    """An address in lower case; None for what cannot be one."""
    address = text.strip().lower()
    plain = _ADDRESS.fullmatch(address) and len(address) <= _LONGEST_ADDRESS
    return address if plain and not has_control(address) and not has_deceptive(address) else None


def own_address(mail_from: str) -> str:
    """The address of `Name <address>`, in lower case."""
    return parseaddr(mail_from)[1].lower()


def filename(part: Message) -> str:
    """What a part is called as a file, in any of the ways in which programs say so; empty where they do not."""
    for name, parameter in (("Content-Disposition", "filename"), ("Content-Type", "name")):
        value = _value(part, name)
        if isinstance(value, ParameterizedMIMEHeader) and (found := value.params.get(parameter)):
            return str(found)
    try:  # an encoded word that should stand between quotes and does not
        return str(default.header_fetch_parse("Subject", str(part.get_filename() or "")))
    except UNREADABLE:
        return ""


def subject(message: Message) -> str:
    """The subject on one line."""
    return header(message, "Subject")[:_SUBJECT_LENGTH]


def message_id(message: Message) -> str | None:
    """The Message-ID; None where there is none that others could refer to."""
    found = _MESSAGE_ID.fullmatch(header(message, "Message-ID"))
    return found[0] if found else None


def references(message: Message) -> tuple[str, ...]:
    """The Message-IDs that a mail refers to, the nearest first."""
    before = _MESSAGE_ID.findall(header(message, "References"))
    near = _MESSAGE_ID.findall(header(message, "In-Reply-To"))
    return tuple(dict.fromkeys([*near, *reversed(before)]))[:_REFERENCES]
