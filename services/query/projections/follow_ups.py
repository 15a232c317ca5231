"""Which incident follows which, in the generation of the tracking view."""

from collections.abc import Sequence

from services.query.projections.generations import sql
from shared.database import Connection, Record
from shared.events.incident import IncidentCreated
from shared.journal.records import Recorded


async def apply(connection: Connection, schema: str, page: Sequence[Recorded]) -> None:
    """Take in one page."""
    found = {
        recorded.event.number: recorded.event.follows
        for recorded in page
        if isinstance(recorded.event, IncidentCreated) and recorded.event.follows
    }
    if found:
        await connection.execute(sql(__file__, schema).write, list(found), list(found.values()))


async def around(connection: Connection, schema: str, number: str) -> list[Record]:
    """The incidents that follow one, and the one that it follows, oldest first; `is_former` tells them apart."""
    return await connection.fetch(sql(__file__, schema).around, number)
