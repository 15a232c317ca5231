"""Commands in the order of time, gathered for the journal, which takes one command a stream at a time. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final
from uuid import UUID

from shared.journal.records import Append

#: Commands in one call; each holds a lock in PostgreSQL's table of locks, which has room for some thousands.
SIZE: Final = 1000
#: Batches that are filled at once: the more, the fuller they are, and the further they stray from the order of time.
_OPEN: Final = 8


def batches(commands: Iterable[Append], size: int = SIZE) -> Iterator[list[Append]]:
    """Gather commands; those of one stream keep their order, the others nearly keep it.

    Args:
        commands: in the order of time.
        size: most commands in a batch.
    """
    filling: deque[list[Append]] = deque()
    given = 0  # batches that were given out already; `latest` counts from the first of all
    latest: dict[UUID, int] = {}
    for command in commands:
        place = max(given, latest.get(command.stream_id, -1) + 1)
        while place - given < len(filling) and len(filling[place - given]) >= size:
            place += 1
        while place - given >= len(filling):
            filling.append([])
        filling[place - given].append(command)
        latest[command.stream_id] = place
        while len(filling) > _OPEN:
            yield filling.popleft()
            given += 1
    yield from filling
