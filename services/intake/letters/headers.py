"""The headers of a mail, read so that none of them can stop the reading, however broken it is."""

from __future__ import annotations

import re
from email.errors import MessageError
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any, Final

from shared.text import clean_name, has_control, has_deceptive

#: A Message-ID that can be referred to. Some programs write blanks or no `@` into theirs.
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{3,250}>")
_ADDRESS: Final = re.compile(r"[^@\s<>\",;:]{1,64}@[^@\s<>\",;:.]+(\.[^@\s<>\",;:.]+)+")
_LONGEST_ADDRESS: Final = 254
#: References that are looked at; the nearest come first.
_REFERENCES: Final = 50
_SUBJECT_LENGTH: Final = 500
#: What the standard parser raises over headers that nobody foresaw.
UNREADABLE: Final = (ValueError, LookupError, AttributeError, TypeError, RecursionError, MessageError)


def header(message: EmailMessage, name: str) -> str:
    """The text of a header, decoded; empty where there is none, or none that can be read."""
    return " ".join(str(_value(message, name) or "").split())


def headers(message: EmailMessage, name: str) -> list[str]:
    """The texts of all headers of this name, as they stand in the mail."""
    return [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]


def _value(message: EmailMessage, name: str) -> Any:
    try:
        return message[name]
    except UNREADABLE:
        return None


def sender(message: EmailMessage) -> tuple[str | None, str]:
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


def subject(message: EmailMessage) -> str:
    """The subject on one line."""
    return header(message, "Subject")[:_SUBJECT_LENGTH]


def message_id(message: EmailMessage) -> str | None:
    """The Message-ID; None where there is none that others could refer to."""
    found = _MESSAGE_ID.fullmatch(header(message, "Message-ID"))
    return found[0] if found else None


def references(message: EmailMessage) -> tuple[str, ...]:
    """The Message-IDs that a mail refers to, the nearest first."""
    before = _MESSAGE_ID.findall(header(message, "References"))
    near = _MESSAGE_ID.findall(header(message, "In-Reply-To"))
    return tuple(dict.fromkeys([*near, *reversed(before)]))[:_REFERENCES]
