"""Sort orders of the lists, and the opaque cursors that continue them.

A cursor holds the sort and the keys of the last row, so a page begins after that row whatever was added or moved.
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple
from uuid import UUID

import msgspec

_Small = Annotated[int, msgspec.Meta(ge=-(2**15), lt=2**15)]
_Big = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_Text = Annotated[str, msgspec.Meta(max_length=500, pattern="^[^\\x00]*$")]

_TYPES: Final[dict[str, Any]] = {"smallint": _Small, "bigint": _Big, "timestamptz": _Instant, "text": _Text}


class Key(NamedTuple):
    """A column that a list is ordered by, under the name it has in the rows."""

    name: str
    expression: str
    type: str


_RECORDED: Final = Key("recorded_at", "i.recorded_at", "timestamptz")

#: Ascending keys of each sort that may be asked for; a leading minus turns all of them.
SORTS: Final[dict[str, tuple[Key, ...]]] = {
    "updated_at": (Key("updated_at", "i.updated_at", "timestamptz"),),
    "recorded_at": (_RECORDED,),
    "number": (Key("number_rank", "i.number_rank", "bigint"),),
    "urgency": (Key("urgency_rank", "(-i.pressing)", "smallint"), _RECORDED),
    "status": (Key("status_rank", "i.status_rank", "smallint"), _RECORDED),
    "subject": (Key("subject_order", "lower(coalesce(s.label, i.subject))", "text"), _RECORDED),
    # what is due first, then by urgency, then the oldest: the order of queues
    "pressing": (Key("due_order", "i.due_order", "timestamptz"), Key("pressing", "i.pressing", "smallint"), _RECORDED),
}

#: The sorts by which all incidents can be walked: each has an index, with the row's own identifier.
INDEXED: Final = frozenset({"updated_at", "recorded_at", "number"})


class Order(NamedTuple):
    """A sort and, for a page that is not the first, the keys of the row before it."""

    sort: str
    after: tuple[Any, ...] | None = None

    @property
    def descending(self) -> bool:
        """Whether the keys fall."""
        return self.sort.startswith("-")

    @property
    def is_indexed(self) -> bool:
        """Whether the next of all incidents are at hand."""
        return self.sort.removeprefix("-") in INDEXED

    @property
    def keys(self) -> tuple[Key, ...]:
        """The columns, the row's own identifier last."""
        return (*SORTS[self.sort.removeprefix("-")], Key("stream_id", "i.stream_id", "uuid"))

    def order_by(self) -> str:
        """The `order by` list."""
        direction = "desc" if self.descending else "asc"
        return ", ".join(f"{key.expression} {direction}" for key in self.keys)

    def extra_columns(self) -> str:
        """The keys as columns, for the cursor after the last row."""
        return ", ".join(f"{key.expression} as {key.name}_key" for key in self.keys)

    def condition(self, first: int) -> str:
        """What rows after the cursor fulfil; its values are the parameters from `$first` on."""
        columns = ", ".join(key.expression for key in self.keys)
        values = ", ".join(f"${first + n}::{key.type}" for n, key in enumerate(self.keys))
        return f"({columns}) {'<' if self.descending else '>'} ({values})"

    def cursor(self, row: Any) -> str:
        """The cursor of the page that follows this row."""
        return _pack([self.sort, *(row[f"{key.name}_key"] for key in self.keys)])


def is_sort(text: str) -> bool:
    """Whether lists can be ordered so."""
    return text.removeprefix("-") in SORTS


def read_cursor(text: str, sort: str) -> Order:
    """The order after a cursor.

    Raises:
        ValueError: it was not made by `Order.cursor` for this sort.
    """
    order = Order(sort)
    types: list[Any] = [str, *(_TYPES[key.type] for key in order.keys[:-1]), UUID]
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        made_for, *after = msgspec.json.decode(packed, type=tuple.__class_getitem__(tuple(types)))
    except (binascii.Error, UnicodeError, ValueError, msgspec.DecodeError) as error:
        raise ValueError(text) from error
    if made_for != sort or any(isinstance(key, datetime) and key.utcoffset() for key in after):
        raise ValueError(text)
    return Order(sort, tuple(after))


def _pack(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")
