"""What somebody had before their eyes when they last opened an incident; lists count from there what is unread.

A convenience: it is no event, nothing rebuilds it, and losing it shows a few incidents as unread again.
"""

from uuid import UUID

from services.query.incidents.fold import State
from shared.database import Connection, statements

_sql = statements(__file__, "seen.sql")


async def look(connection: Connection, person: UUID, state: State) -> None:
    """Remember that a person saw an incident as it is now."""
    await connection.execute(
        _sql.look, person, state.stream_id, state.version, state.requester_marks, state.agent_marks
    )
