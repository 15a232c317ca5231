"""Every event of an incident that a reader may see, with its data in the clear, without what is not theirs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from services.query.incidents.fold import State
from services.query.incidents.timeline import actor
from services.query.incidents.wording import INTERNAL, INTERNAL_FIELDS
from services.query.viewer import Viewer
from shared.events.registry import type_and_schema
from shared.events.titles import TITLES
from shared.journal.records import Recorded
from shared.wire.incidents import History, HistoryItem


def build(events: Sequence[Recorded], state: State, viewer: Viewer) -> History:
    """The history of an incident, oldest first.

    Args:
        events: all of the incident's, in order.
        state: the incident after them.
        viewer: who reads; they may see the incident.
    """
    seen = [recorded for recorded in events if viewer.is_agent or type(recorded.event) not in INTERNAL]
    return History(number=state.number, items=[_item(recorded, state, viewer) for recorded in seen])


def _item(recorded: Recorded, state: State, viewer: Viewer) -> HistoryItem:
    by = actor(recorded.event)
    data = msgspec.to_builtins(recorded.event)
    data.pop("type")
    return HistoryItem(
        id=recorded.event_id,
        position=recorded.position.encode(),
        version=recorded.version,
        type=type_and_schema(type(recorded.event))[0],
        recorded_at=recorded.recorded_at,
        by=by.name if by else None,
        title=TITLES[type(recorded.event)],
        data=data if viewer.is_agent else _for_requester(data, state),
    )


def _for_requester(data: dict[str, Any], state: State) -> dict[str, Any]:
    """The data without internal fields, and without addresses of people of the assistance."""

    def shown(value: Any) -> Any:
        if isinstance(value, dict) and "email" in value and not state.concerns(UUID(value["id"])):
            return {**value, "email": None}
        return value

    return {name: shown(value) for name, value in data.items() if name not in INTERNAL_FIELDS}
