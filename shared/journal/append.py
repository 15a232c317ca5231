"""Commands go into the journal: many at once, each all or none, each with its own answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from shared.database import Connection, Record, statements
from shared.events.base import Event
from shared.events.registry import type_and_schema
from shared.journal import numbers
from shared.journal.records import Append, NewEvent, Outcome, Position, Verdict
from shared.journal.sealing import Vault

_SQL = statements(__file__, "append.sql")


async def append(connection: Connection, commands: Sequence[Append], vault: Vault) -> list[Outcome]:
    """Append events, at most one command a stream.

    Runs in its own transaction, or in the caller's, where it must be the first thing that writes: an older
    transaction id would show the events before those that they follow. The numbers of new streams are drawn before,
    outside any transaction; replays burn none.

    Args:
        connection: of a role that may append.
        commands: what to append; a command that was appended before gets the outcome of then, as `duplicate`.
        vault: seals what is personal.

    Returns:
        An outcome for each command, in their order.

    Raises:
        ValueError: two commands for one stream, a command without events, or a numbered one inside a transaction.
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: nothing is known of the outcome; appending the
            same commands again is safe.
    """
    if len({command.stream_id for command in commands}) < len(commands):
        raise ValueError("two commands for one stream in one call")
    if not all(command.events for command in commands):
        raise ValueError("a command without events")
    drawn = await numbers.draw(connection, commands)
    rows = await connection.fetch(
        _SQL.append,
        [command.stream_id for command in commands],
        # A number is given at birth: who asks for one asks for a new stream.
        [0 if command.series else command.expected_version for command in commands],
        drawn,
        [command.recorded_at for command in commands],
        *await _event_columns(connection, commands, drawn, vault),
    )
    return [_outcome(command, row) for command, row in zip(commands, rows, strict=True)]


async def _event_columns(
    connection: Connection, commands: Sequence[Append], drawn: Sequence[str | None], vault: Vault
) -> tuple[list[Any], ...]:
    owners: list[int] = []
    events: list[NewEvent] = []
    to_seal: list[tuple[UUID, UUID | None, Event]] = []
    for ordinal, (command, number) in enumerate(zip(commands, drawn, strict=True), start=1):
        for place, new in enumerate(command.events):
            owners.append(ordinal)
            events.append(new)
            event = _numbered(new.event, number) if number and not place else new.event
            to_seal.append((new.event_id, new.meta.owner, event))
    types, schemas = zip(*(type_and_schema(type(new.event)) for new in events), strict=True)
    return (
        owners,
        [new.event_id for new in events],
        list(types),
        list(schemas),
        [msgspec.json.encode(new.meta).decode() for new in events],
        [data.decode() for data in await vault.seal(to_seal, connection)],
    )


def _numbered(event: Event, number: str) -> Event:
    return msgspec.structs.replace(event, number=number) if "number" in event.__struct_fields__ else event


def _outcome(command: Append, row: Record) -> Outcome:
    verdict = Verdict(row["verdict"])
    return Outcome(
        verdict=verdict,
        version=row["version"],
        position=Position(row["xid"], row["position"]) if row["xid"] is not None else None,
        number=row["number"],
        recorded_at=row["recorded_at"],
        fingerprint=command.events[0].meta.fingerprint if verdict is Verdict.APPENDED else row["fingerprint"],
    )
