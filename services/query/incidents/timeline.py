"""The story of an incident, oldest first: what was written and what happened, with the documents that came along."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from services.query.incidents.fold import State, evolve
from services.query.incidents.wording import FACTS, HEADINGS, INTERNAL, MESSAGES, UNTOLD
from services.query.viewer import Viewer
from shared.catalogue import Catalogue
from shared.events.base import Person
from shared.events.incident import DocumentAttached, IncidentCreated
from shared.events.registry import type_and_schema
from shared.events.titles import TITLES
from shared.journal.records import Recorded, in_one_go
from shared.wire.incidents import AttachedDocument, Entry


def tell(events: Sequence[Recorded], viewer: Viewer, known: Catalogue) -> tuple[list[Entry], list[AttachedDocument]]:
    """The timeline and the documents of an incident, as the viewer may see them."""
    entries: list[Entry] = []
    documents: list[AttachedDocument] = []
    source: Recorded | None = None
    state: State | None = None
    for recorded in events:
        event = recorded.event
        state = evolve(state, recorded)
        if state is None or type(event) in UNTOLD or (type(event) in INTERNAL and not viewer.is_agent):
            continue
        if not (isinstance(event, DocumentAttached) and source and in_one_go(source, recorded)):
            entries.append(entry_of(recorded, state, viewer, known))
            source = recorded
        if isinstance(event, DocumentAttached):
            entries[-1] = replace(entries[-1], documents=[*entries[-1].documents, event.document])
            documents.append(_document(event, recorded, entries[-1].version))
    return entries, documents


def actor(event: Any) -> Person | None:
    """Who did it; None where nobody did."""
    if isinstance(event, IncidentCreated):
        return event.recorded_by
    return getattr(event, "by", None)


def entry_of(recorded: Recorded, state: State, viewer: Viewer, known: Catalogue) -> Entry:
    """What the timeline says of one event; `state` is the incident after it."""
    event = recorded.event
    by = actor(event)
    written = message(event) if (message := MESSAGES.get(type(event))) else None
    told = sentence(event, known) if (sentence := FACTS.get(type(event))) else ""
    return Entry(
        version=recorded.version,
        type=type_and_schema(type(event))[0],
        at=recorded.recorded_at,
        shape="fact" if written is None else "message",
        side=state.side(by),
        by=by.name if by else None,
        by_caller=by is not None and by.id == viewer.person,
        title=TITLES[type(event)] if written is None else HEADINGS[type(event)],
        text="\n\n".join(filter(None, (written, told))),
        documents=[],
    )


def _document(event: DocumentAttached, recorded: Recorded, entry: int) -> AttachedDocument:
    return AttachedDocument(
        id=event.document,
        filename=event.filename,
        media_type=event.media_type,
        size=event.size,
        sha256=event.sha256,
        attached_at=recorded.recorded_at,
        attached_by=event.by.name,
        entry=entry,
    )
