"""Incidents to tell of, made without any server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.events.base import Event, Person
from shared.events.incident import DocumentAttached, IncidentCreated
from shared.events.vocabulary import Origin, Urgency
from shared.journal.records import Meta, Position, Recorded

STREAM = UUID(int=0x1181106)
AT = datetime(2018, 11, 6, 9, 49, 49, tzinfo=UTC)
CLAIRE = Person(id=UUID(int=1), name="Claire Martin", email="claire.martin@cecoia.example")
HUGO = Person(id=UUID(int=2), name="Hugo Petit", email="hugo.petit@cecoia.example")
NADIA = Person(id=UUID(int=3), name="Nadia Benali", email="nadia.benali@cecoia.example")


def created(**changes: Any) -> IncidentCreated:
    fields: dict[str, Any] = {
        "number": "1181106_0230",
        "requester": CLAIRE,
        "recorded_by": CLAIRE,
        "origin": Origin.PORTAL,
        "phone": "+33199001234",
        "subject": "messagerie.acces",
        "availability": "Aujourd’hui jusqu’à 17 h",
        "urgency": Urgency.NORMAL,
        "description": "La messagerie refuse mon mot de passe.\n\nMessage affiché : <erreur 535>.\n.\nMerci !",
    }
    return IncidentCreated(**fields | changes)


def document(by: Person = CLAIRE, filename: str = "capture.png") -> DocumentAttached:
    return DocumentAttached(
        document=UUID(int=7), by=by, filename=filename, media_type="image/png", size=10, sha256="0" * 64
    )


def story(*appends: Event | tuple[Event, ...], stream: UUID = STREAM) -> list[Recorded]:
    """Events as the journal gives them: those of a tuple were recorded in one go, the others a minute apart."""
    recorded: list[Recorded] = []
    for minute, append in enumerate(appends):
        for event in append if isinstance(append, tuple) else (append,):
            version = len(recorded) + 1
            recorded.append(
                Recorded(
                    position=Position(10 + minute, version),
                    stream_id=stream,
                    version=version,
                    event_id=uuid5(stream, str(version)),
                    recorded_at=AT + timedelta(minutes=minute),
                    event=event,
                    meta=Meta(owner=CLAIRE.id),
                    number="1181106_0230",
                )
            )
    return recorded
