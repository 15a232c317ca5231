"""What publications say beside an incident: news about it, known errors that explain it, others that might."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from services.query.context import Context
from services.query.incidents.fold import State
from services.query.knowledge import errors, news
from services.query.knowledge.news import Eye
from services.query.viewer import Viewer
from shared.events.base import Event
from shared.events.incident import IncidentCreated, IncidentUpdated, KnownErrorLinked
from shared.http.problems import Problem
from shared.journal.records import Recorded
from shared.life import COMMANDS
from shared.logs import logger
from shared.wire.knowledge import KnownErrorItem, NewsItem

_log = logger(__name__)

#: How much of what was written is compared with known errors.
_COMPARED: Final = 20_000


class Beside(NamedTuple):
    """What stands beside an incident; `suggested` for agents alone."""

    news: Sequence[NewsItem] = ()
    known_errors: Sequence[KnownErrorItem] = ()
    suggested: Sequence[KnownErrorItem] = ()


NOTHING = Beside()


async def read_beside(context: Context, events: Sequence[Recorded], state: State, viewer: Viewer, eye: Eye) -> Beside:
    """Read what publications say beside an incident; nothing while they cannot be read, for the incident can.

    Args:
        context: of the read side.
        events: the incident's, as far as they are shown.
        state: the incident after them.
        viewer: who reads.
        eye: the same, for publications.
    """
    linked = [one.event.known_error for one in events if isinstance(one.event, KnownErrorLinked)]
    helps = viewer.is_agent and state.status in COMMANDS["link"].starts
    try:
        async with context.projection("knowledge") as (connection, schema):
            current = await news.page(connection, schema, news.Listing(subject=state.subject), eye)
            found = await errors.named(connection, schema, linked, eye.known)
            if not helps:
                return Beside(current.items, found)
            text = _told([one.event for one in events])
            suggested = await errors.suggest(connection, schema, text, state.subject, eye.known, besides=linked)
            return Beside(current.items, found, suggested)
    except Problem:
        _log.warning("publications_not_read")
        return NOTHING


def _told(events: Sequence[Event]) -> str:
    """What its requester and others wrote of the problem."""
    texts = []
    for event in events:
        match event:
            case IncidentCreated(description=text) | IncidentUpdated(text=str() as text):
                texts.append(text)
            case _:
                pass
    return "\n".join(texts).replace("\0", " ")[:_COMPARED]
