"""An incident as its own events tell it, for whoever may see it."""

from services.query.context import Context
from services.query.incidents import detail
from services.query.incidents.fold import State
from services.query.viewer import Viewer
from shared.http.problems import not_found
from shared.journal.numbers import normalise
from shared.journal.read import read_stream_by_number
from shared.journal.records import Recorded


async def read_incident(context: Context, viewer: Viewer, number: str) -> tuple[list[Recorded], State]:
    """All events of an incident that the reader may see, and the incident after them.

    Raises:
        Problem: 404, unknown or not theirs.
    """
    known = normalise(number)
    async with context.pool.acquire() as connection:
        stored = await read_stream_by_number(connection, known) if known else []
    events = await context.vault.unseal(stored)
    state = detail.fold(events)
    if state is None or not _may_see(viewer, state):
        raise not_found("Cet incident n’existe pas ou ne vous est pas accessible.")
    return events, state


def _may_see(viewer: Viewer, state: State) -> bool:
    """Whether the incident is the reader's to see; elsewhere it does not exist for them."""
    return viewer.is_agent or state.is_own(viewer.person)
