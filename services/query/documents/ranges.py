"""The bytes of a document, as RFC 9110 lets browsers ask for them: whole, a part, or only when changed."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import quote

_RANGE: Final = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")
_UNQUOTED: Final = re.compile(r"[^ !#-\[\]-~]")


class Span(NamedTuple):
    """Bytes from `start` up to, not including, `end`."""

    start: int
    end: int


class UnsatisfiableError(Exception):
    """The part that was asked for lies outside the document."""


def etag(sha256: str) -> str:
    """The entity tag of a document: its bytes never change."""
    return f'"{sha256}"'


def is_known(given: str | None, sha256: str) -> bool:
    """Whether `If-None-Match` says that the reader has the document already."""
    tags = [tag.strip().removeprefix("W/") for tag in (given or "").split(",")]
    return "*" in tags or etag(sha256) in tags


def read_range(headers: Mapping[str, str], size: int, sha256: str) -> Span | None:
    """The part that `Range` asks for; None for the whole.

    Several parts at once, other units, and an `If-Range` that names other bytes get the whole (RFC 9110, 14.2).

    Raises:
        UnsatisfiableError: no byte of it exists.
    """
    found = _RANGE.match(headers.get("range", "").strip().lower())
    condition = headers.get("if-range")
    if found is None or (condition and condition.strip() != etag(sha256)):
        return None
    first, last = found[1], found[2]
    if first:
        span = Span(int(first), min(int(last) + 1 if last else size, size))
        if last and int(last) < int(first):
            return None
    elif last:
        span = Span(max(0, size - int(last)), size)
    else:
        return None
    if span.start >= span.end:
        raise UnsatisfiableError
    return span


def headers(filename: str, media_type: str, sha256: str) -> dict[str, str]:
    """What goes with every answer: to be saved, never shown or run in our pages' origin."""
    plain = _UNQUOTED.sub("_", filename).replace("%", "_")
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}",
        "Content-Type": media_type,
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "ETag": etag(sha256),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
    }
