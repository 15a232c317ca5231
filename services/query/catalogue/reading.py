"""The catalogue from its own events, so that its version is that of what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from services.query.agents.canned import items as canned_items
from services.query.context import Context
from shared.catalogue import CATALOGUE_STREAM, Catalogue
from shared.events.base import Event
from shared.journal.read import read_stream
from shared.journal.records import Recorded
from shared.journal.sealing import leave_sealed
from shared.wire import Answer
from shared.wire.catalogue import CalendarDefinition, CatalogueState, GroupDefinition, SubjectDefinition

T = TypeVar("T", bound=Answer)


async def stream(context: Context) -> list[Recorded]:
    """The events of the catalogue, oldest first, in the clear."""
    async with context.pool.acquire() as connection:
        return await context.vault.unseal(await read_stream(connection, CATALOGUE_STREAM), connection)


async def current(context: Context) -> tuple[Catalogue, int]:
    """The catalogue as it stands, and its version."""
    async with context.pool.acquire() as connection:
        events: Sequence[Recorded] = leave_sealed(await read_stream(connection, CATALOGUE_STREAM))
    return Catalogue.of(one.event for one in events), len(events)


def state(known: Catalogue, version: int) -> CatalogueState:
    """The whole catalogue as an answer."""
    calendars = [_as(CalendarDefinition, calendar) for calendar in known.calendars.values()]
    groups = [_as(GroupDefinition, group) for group in known.groups.values()]
    subjects = [
        SubjectDefinition(
            subject=code,
            label=subject.label,
            kind=subject.kind,
            kind_label=subject.kind.label,
            group=subject.group,
            group_label=known.group_label(subject.group),
            take=subject.take,
            resolve=subject.resolve,
            retired=code in known.retired,
        )
        for code, subject in known.subjects.items()
    ]
    return CatalogueState(
        version=version, calendars=calendars, groups=groups, subjects=subjects, canned_texts=canned_items(known)
    )


def _as(answer: type[T], definition: Event) -> T:
    """A definition as an answer with the same fields."""
    fields: dict[str, Any] = msgspec.to_builtins(definition)
    return msgspec.convert({name: value for name, value in fields.items() if name != "type"}, answer)
