"""The rows of work for whoever operates CeCoIA: how much there is, what is dead, and how to try it again."""

from __future__ import annotations

import sys

from services.notifier.toolbox import ROLE
from services.notifier.work import rows as work
from shared.database import connect_pool
from shared.settings import Settings


async def summary(settings: Settings) -> int:
    """Print how many rows of each kind are in each state."""
    async with await connect_pool(settings.database_url, ROLE, name="cecoia work", size=1) as pool:
        counts = await work.counts(pool)
    for count in counts:
        _say(f"{count.kind:<8} {count.state:<8} {count.rows:>9}")
    if not counts:
        _say("no work yet")
    return 0


async def dead(settings: Settings) -> int:
    """Print every dead row, oldest first, with its last error."""
    async with await connect_pool(settings.database_url, ROLE, name="cecoia work", size=1) as pool:
        rows = await work.dead_rows(pool)
    for row in rows:
        _say(
            f"{row.id}  {row.kind}  {row.recipient or '-'}  {row.number or '-'}  attempts {row.attempts}  "
            f"{row.dead_at:%Y-%m-%dT%H:%M:%SZ}  {row.last_error}"
        )
    if not rows:
        _say("nothing is dead")
    return 0


async def retry(settings: Settings, row: int | None) -> int:
    """Make one dead row due again, or all; 1 when the one named is not dead."""
    async with await connect_pool(settings.database_url, ROLE, name="cecoia work", size=1) as pool:
        ids = await work.retry(pool, row)
    _say(f"due again: {', '.join(map(str, ids)) or 'nothing'}")
    return 0 if ids or row is None else 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
