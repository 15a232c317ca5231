"""Lists of publications, newest first, page by page: the opaque cursor that continues one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, NamedTuple
from uuid import UUID

import msgspec

from services.query.parameters import Reader
from shared.database import Record


class After(NamedTuple):
    """The last publication of the page before."""

    published_at: datetime
    stream_id: UUID


_PACKED: Final = msgspec.json.Decoder(tuple[Annotated[datetime, msgspec.Meta(tz=True)], UUID])


def write_after(row: Record) -> str:
    """The cursor of the page that follows this row."""
    packed = msgspec.json.encode([row["published_at"], row["stream_id"]])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def cut(found: Sequence[Record], limit: int) -> tuple[Sequence[Record], str | None]:
    """The rows of a page and the cursor of the one that follows it, of one row more than it holds."""
    return found[:limit], write_after(found[limit - 1]) if len(found) > limit else None


def read_after(reader: Reader) -> After | None:
    """The parameter `cursor`; None where none is given."""
    text = reader.text("cursor")
    if not text:
        return None
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return After(*_PACKED.decode(packed))
    except (binascii.Error, UnicodeError, ValueError, msgspec.DecodeError):
        reader.refuse("cursor", "Ce curseur n’est pas celui de cette liste.")
        return None
