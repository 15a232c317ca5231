"""The events of an incident as the journal holds them, for agents who want to know exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from services.query.incidents.timeline import actor
from shared.database import Connection, statements
from shared.events.registry import type_and_schema
from shared.events.titles import TITLES
from shared.journal.records import Recorded
from shared.wire.agents import RawEvent, RawEvents

_sql: Final = statements(__file__, "raw.sql")


async def chains(connection: Connection, stream_id: UUID) -> dict[int, bytes]:
    """The link of each event in the chain of its stream, by version."""
    return {row["version"]: row["chain"] for row in await connection.fetch(_sql.chains, stream_id)}


def build(number: str, events: Sequence[Recorded], links: Mapping[int, bytes]) -> RawEvents:
    """The events with all that stands around them.

    Args:
        number: the incident's.
        events: all of them, in order.
        links: by version, of these events at least.
    """
    return RawEvents(number=number, items=[_raw(recorded, links[recorded.version]) for recorded in events])


def _raw(recorded: Recorded, link: bytes) -> RawEvent:
    name, schema = type_and_schema(type(recorded.event))
    by = actor(recorded.event)
    data: dict[str, Any] = msgspec.to_builtins(recorded.event)
    data.pop("type")
    return RawEvent(
        id=recorded.event_id,
        position=recorded.position.encode(),
        version=recorded.version,
        type=name,
        schema=schema,
        recorded_at=recorded.recorded_at,
        by=by.name if by else None,
        title=TITLES[type(recorded.event)],
        data=data,
        request=recorded.meta.correlation,
        chain=link.hex(),
    )
