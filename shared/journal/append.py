"""Commands go into the journal: many at once, each all or none, each with its own answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from shared.database import Connection, Record, statements
from shared.events.base import Event
from shared.events.registry import type_and_schema
from shared.journal import numbers
from shared.journal.chain import digest
from shared.journal.records import Append, Outcome, Position, Verdict
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
    places = [
        (ordinal, rank) for ordinal, command in enumerate(commands, 1) for rank in range(1, len(command.events) + 1)
    ]
    events = [new for command in commands for new in command.events]
    datas = await vault.seal(
        [
            (new.event_id, new.meta.owner, _numbered(new.event, drawn[ordinal - 1]) if rank == 1 else new.event)
            for new, (ordinal, rank) in zip(events, places, strict=True)
        ],
        connection,
    )
    kinds = [type_and_schema(type(new.event)) for new in events]
    metas = [msgspec.json.encode(new.meta) for new in events]
    digests = [
        digest(
            event_id=new.event_id,
            kind=kind,
            schema=schema,
            recorded_at=commands[ordinal - 1].recorded_at,
            meta=meta,
            data=data,
        )
        for new, (kind, schema), (ordinal, _), meta, data in zip(events, kinds, places, metas, datas, strict=True)
    ]
    return (
        [ordinal for ordinal, _ in places],
        [rank for _, rank in places],
        [new.event_id for new in events],
        [kind for kind, _ in kinds],
        [schema for _, schema in kinds],
        [meta.decode() for meta in metas],
        [data.decode() for data in datas],
        digests,
    )


def _numbered(event: Event, number: str | None) -> Event:
    if number is None or "number" not in event.__struct_fields__:
        return event
    return msgspec.structs.replace(event, number=number)


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
