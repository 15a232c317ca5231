"""Whether the processes that read the journal grow with its length."""

from __future__ import annotations

from typing import Final

from tests.bench.histories import Histories
from tests.bench.report import Figure
from tests.bench.weight import growth, weight

NAME: Final = "readers"


async def measure(place: Histories, *, quick: bool) -> Figure:
    """Weigh those who have read the short past and those who have read the long one, from its first event."""
    del quick
    light, heavy = ({name: weight(pid) for name, pid in one.readers.items()} for one in (place.few, place.many))
    conditions = f"{place.many.incidents} incidents read from the first event on, against {place.few.incidents}"
    return growth("memory of those who read the journal", light, heavy, conditions)
