"""Short ways to make persons, events and commands for the journal."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from shared.events.base import Event, Person
from shared.events.incident import IncidentCreated, IncidentRouted, IncidentUpdated
from shared.events.vocabulary import Origin, Urgency
from shared.journal.records import Append, Meta, NewEvent, Series

NOON = datetime(2018, 11, 6, 11, 0, tzinfo=UTC)

#: An event as a dump of another server leaves it: of a transaction that this server has not come to.
FROM_ELSEWHERE = """
INSERT INTO journal.events (xid, stream_id, version, event_id, type, schema, recorded_at, data, meta, chain)
VALUES ('900000000000', gen_random_uuid(), 1, gen_random_uuid(), 'X', 1, now(), '{}', '{}', '')
"""


def person(identifier: UUID | None = None, name: str = "SOURCE, Aude") -> Person:
    return Person(id=identifier or uuid4(), name=name, email="aude.source@cecoia.example")


def created(requester: Person, description: str = "L’écran reste noir.") -> IncidentCreated:
    return IncidentCreated(
        number="",
        requester=requester,
        recorded_by=requester,
        origin=Origin.PORTAL,
        phone="+33472800000",
        subject="poste.demarrage",
        availability="le matin",
        urgency=Urgency.NORMAL,
        description=description,
    )


def updated(by: Person, text: str = "Toujours noir.") -> IncidentUpdated:
    return IncidentUpdated(by=by, text=text)


def routed(group: str = "postes") -> IncidentRouted:
    """An event in which nothing is personal."""
    return IncidentRouted(group=group, rule="subject", why="Objet choisi.")


def command(
    *events: Event,
    stream_id: UUID | None = None,
    owner: UUID | None = None,
    expected: int | None = None,
    at: datetime = NOON,
    series: Series | None = None,
    fingerprint: str | None = None,
) -> Append:
    meta = Meta(owner=owner, fingerprint=fingerprint)
    return Append(
        stream_id=stream_id or uuid4(),
        events=tuple(NewEvent(event_id=uuid4(), event=event, meta=meta) for event in events),
        recorded_at=at,
        expected_version=expected,
        series=series,
    )


def opening(requester: Person, at: datetime = NOON, stream_id: UUID | None = None) -> Append:
    """The command that a new incident is."""
    return command(
        created(requester), owner=requester.id, at=at, series=Series.INCIDENT, stream_id=stream_id, fingerprint="f00d"
    )
