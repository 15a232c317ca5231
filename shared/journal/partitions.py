"""Room for the events to come. Appending makes it too; this is for whoever wants to be early."""

from shared.database import Connection


async def make_partitions(connection: Connection) -> int:
    """Make the partitions that are missing for the next two million events.

    Returns:
        How many were made; 0 also while somebody else is making them.
    """
    made: int = await connection.fetchval("SELECT journal.make_partitions()")
    return made
