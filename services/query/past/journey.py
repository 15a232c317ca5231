"""The life of an incident step by step: each event that a reader may see, and how the incident stood after it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from services.query.incidents.fold import State, evolve
from services.query.incidents.timeline import entry_of
from services.query.incidents.wording import INTERNAL
from services.query.past.instants import Catalogues
from services.query.projections.timing import due_times
from services.query.viewer import Viewer
from shared.catalogue import Catalogue
from shared.events.titles import TITLES
from shared.journal.records import Recorded
from shared.wire.past import Journey, JourneyStep, Standing


def build(events: Sequence[Recorded], viewer: Viewer, catalogues: Catalogues) -> Journey:
    """The journey of an incident, oldest step first.

    Args:
        events: all of the incident's, in order, the creation first.
        viewer: who reads; they may see the incident.
        catalogues: what things were called, and what was promised, at each step.
    """
    steps: list[JourneyStep] = []
    state: State | None = None
    for recorded in events:
        state = evolve(state, recorded)
        if state is None or (type(recorded.event) in INTERNAL and not viewer.is_agent):
            continue
        known = catalogues.at(recorded.recorded_at)
        standing = _standing(state, viewer, known)
        entry = entry_of(recorded, state, viewer, known)
        steps.append(
            JourneyStep(
                version=entry.version,
                type=entry.type,
                at=entry.at,
                shape=entry.shape,
                by=entry.by,
                title=TITLES[type(recorded.event)],
                text=entry.text,
                standing=standing,
                changed=_changed(steps[-1].standing, standing) if steps else [],
            )
        )
    return Journey(number=events[0].number or "", items=steps)


def _standing(state: State, viewer: Viewer, known: Catalogue) -> Standing:
    return Standing(
        status=state.status,
        status_label=state.status.label,
        group=state.group_code,
        group_label=known.group_label(state.group_code) if state.group_code else None,
        responsible=state.responsible_name,
        urgency=state.urgency,
        urgency_label=state.urgency.label,
        subject=state.subject,
        subject_label=known.label(state.subject),
        hold=state.hold,
        hold_label=state.hold.label if state.hold else None,
        hold_until=state.hold_until,
        documents=state.documents,
        **(due_times(state.case, known) if viewer.is_agent else {}),
    )


def _changed(before: Standing, after: Standing) -> list[str]:
    fields = msgspec.structs.fields(Standing)
    return [field.name for field in fields if getattr(before, field.name) != getattr(after, field.name)]
