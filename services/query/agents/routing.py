"""« Pourquoi ici ? »: how an incident came to the group that it waits for."""

from __future__ import annotations

from collections.abc import Sequence

from shared.catalogue import Catalogue
from shared.events.incident import IncidentRouted, IncidentTaken, IncidentTransferred
from shared.journal.records import Recorded
from shared.wire.agents import RoutingStep


def steps(events: Sequence[Recorded], known: Catalogue) -> list[RoutingStep]:
    """Each time that an incident went to another group, oldest first.

    Args:
        events: the incident's, in order.
        known: for the labels.
    """
    found: list[RoutingStep] = []
    group: str | None = None
    for recorded in events:
        if (step := _step(recorded, group, known)) is not None:
            found.append(step)
        group = getattr(recorded.event, "group", group)
    return found


def _step(recorded: Recorded, group: str | None, known: Catalogue) -> RoutingStep | None:
    """What an event says of the way; `group` is where the incident was before it."""
    match recorded.event:
        case IncidentRouted(group=to, rule=rule, why=why):
            return RoutingStep(at=recorded.recorded_at, group_label=known.group_label(to), why=why, by=None, rule=rule)
        case IncidentTransferred(group=to, by=by) as event:
            why = _transfer(event, known)
        case IncidentTaken(group=to, by=by) if to != group:
            why = f"Pris en compte par {by.name} avant d’être orienté."
        case _:
            return None
    return RoutingStep(at=recorded.recorded_at, group_label=known.group_label(to), why=why, by=by.name, rule=None)


def _transfer(event: IncidentTransferred, known: Catalogue) -> str:
    changed = f", avec l’objet « {known.label(event.subject)} »" if event.subject else ""
    said = f" : « {event.text} »" if event.text else "."
    return f"Transféré depuis {known.group_label(event.from_group)} par {event.by.name}{changed}{said}"
