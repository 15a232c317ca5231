"""Everything that is held about a person, in one answer: what they asked for, what was written, the mails they got."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.query.incidents import detail, history
from services.query.projections import catalogue, tracking
from services.query.projections.generations import sql
from services.query.saved import reports, views
from services.query.viewer import Viewer
from shared.catalogue import Catalogue
from shared.database import Connection
from shared.events.base import Event, Person
from shared.events.incident import IncidentCreated
from shared.events.notification import ConfirmationSent, NotificationBounced, NotificationFailed, NotificationSent
from shared.events.vocabulary import Role
from shared.http.identity import Caller
from shared.journal.read import read_stream, read_stream_by_number
from shared.journal.records import Recorded
from shared.journal.sealing import Vault
from shared.wire.people import Export, ExportedIncident, ExportedMail

#: What tells of a mail to somebody.
_MAILS: Final = (ConfirmationSent, NotificationSent, NotificationFailed, NotificationBounced)
#: Somebody reads about themselves as a requester does, whatever else they may be.
_REQUESTER: Final = Caller(
    sub="", name="", email=None, roles=frozenset({Role.REQUESTER}), groups=frozenset(), expires_at=0.0
)


class UnknownIncidentError(Exception):
    """There is no incident of this number."""


async def read(connection: Connection, schema: str, vault: Vault, person: UUID, now: datetime) -> Export:
    """Gather what is held about a person.

    Args:
        connection: of the read side.
        schema: of the tracking view, which knows whose incidents are whose.
        vault: opens the texts.
        person: who.
        now: what the answer carries.
    """
    known = await catalogue.read(connection, schema)
    rows = await connection.fetch(sql(tracking.__file__, schema).of_person, person)
    stories = [
        await vault.unseal(await read_stream(connection, row["stream_id"]), connection) for row in rows if row["own"]
    ]
    events = [recorded.event for story in stories for recorded in story]
    named = [one for event in events for one in _people(event) if one.id == person]
    return Export(
        made_at=now,
        person=person,
        names=sorted({one.name for one in named}),
        addresses=sorted({one.email for one in named if one.email}),
        incidents=[_incident(story, Viewer(person, _REQUESTER), known) for story in stories],
        mails=[mail for story in stories for mail in _mails(story, person)],
        recorded=[row["number"] for row in rows if not row["own"]],
        views=[views.item(one) for one in await views.VIEWS.read(connection, vault, person)],
        reports=[reports.item(one) for one in await reports.REPORTS.read(connection, vault, person)],
    )


async def requester(connection: Connection, vault: Vault, number: str) -> UUID:
    """The pseudonym of who asked for an incident.

    Args:
        connection: of the read side.
        vault: opens the texts.
        number: exact.

    Raises:
        UnknownIncidentError: there is none.
    """
    created = await vault.unseal((await read_stream_by_number(connection, number))[:1], connection)
    if not created or not isinstance(created[0].event, IncidentCreated):
        raise UnknownIncidentError(number)
    return created[0].event.requester.id


def _incident(story: Sequence[Recorded], viewer: Viewer, known: Catalogue) -> ExportedIncident:
    state = detail.fold(story)
    if state is None:
        raise ValueError("no incident was created by these events")
    return ExportedIncident(
        detail=detail.build(story, viewer, known), history=history.build(story, state, viewer).items
    )


def _people(event: Event) -> Iterator[Person]:
    for name in event.__struct_fields__:
        if isinstance(value := getattr(event, name), Person):
            yield value


def _mails(story: Sequence[Recorded], person: UUID) -> Iterator[ExportedMail]:
    for recorded in story:
        event = recorded.event
        if isinstance(event, _MAILS) and event.to.id == person:
            yield ExportedMail(
                number=recorded.number or "",
                message=event.message,
                message_label=event.message.label,
                address=event.to.email,
                at=recorded.recorded_at,
                error=event.error if isinstance(event, NotificationFailed | NotificationBounced) else None,
            )
