"""The texts and the files of a mail, whatever its parts are called, encoded or nested in."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from contextlib import suppress
from email import policy
from email.generator import BytesGenerator
from email.message import Message
from io import BytesIO
from typing import Any, Final, NamedTuple

from tnefparse import TNEF

from services.intake.letters.headers import UNREADABLE, filename
from services.intake.letters.letter import Enclosure
from services.intake.letters.markup import to_text
from shared.text import clean_filename, clean_text, printable

#: What proves who wrote a mail and says nothing itself.
_PROOFS: Final = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)  # fmt: skip
_TNEF: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
#: Characters of HTML that are read, for nested tags take the square of their number. More comes along as a file.
_LONGEST_MARKUP: Final = 100_000
#: What is called so is written in Windows' extension of it, or in UTF-8 by who never looked.
_LATIN: Final = frozenset({"ascii", "iso8859-1"})
#: Encodings that no mail is written in; some take the square of a text's length.
_ODD: Final = frozenset({"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"})


class Body(NamedTuple):
    """What a mail, or a part of one, says: what it quotes is still in `text`; `fresh` is without quotes in HTML."""

    text: str
    fresh: str
    is_plain: bool


class Content(NamedTuple):
    """The texts that a part shows one below the other, and the files that come with it."""

    bodies: Sequence[Body] = ()
    enclosures: Sequence[Enclosure] = ()


def content(part: Message) -> Content:
    """Everything that is in a mail, or in a part of one; parts that cannot be read are left out."""
    kind = part.get_content_type()
    if kind.startswith("multipart/") and part.is_multipart():
        found = [content(child) for child in _children(part)]
        enclosures = [enclosure for one in found for enclosure in one.enclosures]
        if kind == "multipart/alternative":
            return Content(_best(found), enclosures)
        return Content([body for one in found for body in one.bodies], enclosures)
    if kind in _PROOFS:
        return Content()
    if kind in _TNEF:
        return _opened(part)
    if kind in {"text/plain", "text/html"} and not filename(part) and part.get_content_disposition() != "attachment":
        return _shown(part)
    return Content(enclosures=[Enclosure(clean_filename(filename(part) or _nameless(part)), _bytes(part))])


def _children(part: Message) -> list[Message]:
    children: Any = part.get_payload()
    return [child for child in children if isinstance(child, Message)]


def _best(alternatives: Sequence[Content]) -> Sequence[Body]:
    """Of several ways to say the same, the plain one, unless it is empty."""
    saying = [one.bodies for one in alternatives if any(body.text for body in one.bodies)]
    plain = (bodies for bodies in saying if all(body.is_plain for body in bodies))
    return next(plain, saying[-1] if saying else ())


def _shown(part: Message) -> Content:
    raw = _bytes(part)
    text = decoded(raw, str(part.get_content_charset() or ""))
    if part.get_content_type() == "text/html":
        rest = [Enclosure("message.html", raw)] if len(text) > _LONGEST_MARKUP else []
        return Content([markup_body(text)], rest)
    text = readable(text)
    return Content([Body(text, text, is_plain=True)])


def markup_body(html: str) -> Body:
    """What HTML says."""
    html = html[max(html.find("<body"), 0) :][:_LONGEST_MARKUP]
    return Body(readable(to_text(html)), readable(to_text(html, quotes=False)), is_plain=False)


def readable(text: str) -> str:
    """Text that can be kept: without characters that are neither written nor blank."""
    return clean_text(printable(text))


def decoded(raw: bytes, charset: str) -> str:
    """The text of bytes in the charset that is named, or in the one that it most likely is.

    Args:
        raw: the bytes.
        charset: as the mail calls it; may be unknown, wrong or empty.
    """
    for guess in _charsets(charset):
        with suppress(LookupError, ValueError, TypeError):  # not in it, or no charset of texts
            return raw.decode(guess)
    return raw.decode("latin-1")


def _charsets(named: str) -> list[str]:
    """What to try, the likeliest first."""
    try:
        name = codecs.lookup(named).name
    except (LookupError, ValueError):
        name = ""
    known = [name] if name and name not in _LATIN | _ODD else []
    return [*known, "utf-8", "cp1252"]


def _bytes(part: Message) -> bytes:
    """What a part holds; a mail in a mail as it would be sent."""
    try:
        payload: Any = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            return payload
        inner: Any = part.get_payload()
        return b"".join(_flat(one) for one in inner) if isinstance(inner, list) else b""
    except UNREADABLE:
        return b""


def _flat(message: Any) -> bytes:
    out = BytesIO()
    BytesGenerator(out, policy=policy.compat32).flatten(message)
    return out.getvalue()


def _nameless(part: Message) -> str:
    """A name for a file without one."""
    kind = part.get_content_type()
    if kind == "message/rfc822":
        return "message.eml"
    main, _, sub = kind.partition("/")
    return f"{main}.{sub}" if main in {"image", "audio", "video"} and sub.isalnum() else "document"


def _opened(part: Message) -> Content:
    """What is in a winmail.dat; the file itself where it cannot be opened."""
    raw = _bytes(part)
    try:
        tnef = TNEF(raw, do_checksum=False)
        enclosures = [
            Enclosure(clean_filename(_word(one.long_filename())), bytes(one.data)) for one in tnef.attachments
        ]
        return Content(list(_tnef_bodies(tnef)), enclosures)
    except Exception:  # noqa: BLE001 - the library promises nothing about broken bytes
        return Content(enclosures=[Enclosure("winmail.dat", raw)])


def _tnef_bodies(tnef: Any) -> Iterator[Body]:
    if tnef.htmlbody:
        yield markup_body(_word(tnef.htmlbody))
    elif tnef.body:
        text = readable(_word(tnef.body))
        yield Body(text, text, is_plain=True)


def _word(value: bytes | str) -> str:
    return (value if isinstance(value, str) else decoded(value, "")).strip("\0")
