"""What figures are split by: each combination of subject, group, urgency, origin and kind is a cell with a number."""

from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from shared.events.vocabulary import Kind, Origin, Urgency


class Cell(NamedTuple):
    """What an incident is counted under; the group is empty where none is known."""

    subject: str
    group_code: str
    urgency: Urgency
    origin: Origin
    kind: Kind

    @property
    def number(self) -> int:
        """The same wherever and whenever it is reckoned, so that two builds of the facts are equal."""
        return _number(self)


@lru_cache(maxsize=4096)
def _number(cell: Cell) -> int:
    digest = sha256("\0".join(cell).encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
