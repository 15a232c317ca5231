"""What processes hold on to: memory, open files, connections to the database. Compared before and after."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import asyncpg
import psutil

from tests.proof.stand import Stand

#: A process may take this much more than at the start before it counts as leaking.
MEGABYTES: Final = 80
FILES: Final = 40
CONNECTIONS: Final = 10
_CONNECTIONS: Final = (
    "select application_name, count(*) as count from pg_stat_activity where usename = 'cecoia' group by 1"
)


class Footprint(NamedTuple):
    """Of the processes by name (with their children): resident megabytes, open files; connections by application."""

    megabytes: Mapping[str, int]
    files: Mapping[str, int]
    connections: Mapping[str, int]


async def measure(stand: Stand) -> Footprint:
    """Take the measure now."""
    megabytes, files = {}, {}
    for name, process in stand.stack.children().items():
        with contextlib.suppress(psutil.NoSuchProcess):
            family = [process, *process.children(recursive=True)]
            megabytes[name] = sum(one.memory_info().rss for one in family) // 2**20
            files[name] = sum(one.num_fds() for one in family)
    connection = await asyncpg.connect(stand.servers.database_url, timeout=5)
    try:
        rows = await connection.fetch(_CONNECTIONS)
    finally:
        await connection.close()
    return Footprint(megabytes, files, {row["application_name"]: row["count"] for row in rows})


def grown(before: Footprint, after: Footprint) -> Iterator[str]:
    """What holds on to much more than it did, or is not there any more; pure."""
    yield from (f"{name}: does not run any more" for name in before.megabytes if name not in after.megabytes)
    bounds = (("megabytes", MEGABYTES), ("files", FILES), ("connections", CONNECTIONS))
    for measure_, bound in bounds:
        then, now = getattr(before, measure_), getattr(after, measure_)
        for name, value in now.items():
            if value > then.get(name, 0) + bound:
                yield f"{name}: {measure_} {then.get(name, 0)} → {value}"
