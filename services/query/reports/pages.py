"""Pages of the rows that a figure is made of, oldest first: the opaque cursor that continues them."""

from __future__ import annotations

import base64
import binascii
from datetime import date, datetime
from typing import Annotated, Final, NamedTuple
from uuid import UUID

import msgspec

from services.query.parameters import Reader
from shared.database import Record


class After(NamedTuple):
    """The last row of the page before."""

    known: Annotated[datetime, msgspec.Meta(tz=True)]
    stream_id: UUID
    version: Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
    day: date


_UNPACK: Final = msgspec.json.Decoder(After).decode


def write_after(row: Record) -> str:
    """The cursor of the page that follows a row."""
    after = After(*(row[name] for name in After._fields))
    return base64.urlsafe_b64encode(msgspec.json.encode(after)).decode().rstrip("=")


def read_after(reader: Reader) -> After | None:
    """The parameter `cursor`; None where none is given."""
    if not (text := reader.text("cursor")):
        return None
    try:
        return _UNPACK(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeError, ValueError, msgspec.DecodeError):
        reader.refuse("cursor", "Ce curseur n’a pas été donné par cette adresse.")
        return None
