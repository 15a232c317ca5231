"""How the catalogue came to be what it is: its events put together again as they were appended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from shared.catalogue import Catalogue
from shared.events.base import Event
from shared.events.catalogue import CatalogueChanged
from shared.journal.records import Recorded


class Step(NamedTuple):
    """One change of the catalogue.

    Attributes:
        version: of the catalogue after it.
        at: when it was recorded.
        said: who made it and why; None where it was read from a file.
        events: what it defined and retired.
    """

    version: int
    at: datetime
    said: CatalogueChanged | None
    events: tuple[Event, ...]


def steps(stream: Iterable[Recorded]) -> list[Step]:
    """The changes in the stream of the catalogue, oldest first. One append is one transaction (`in_one_go`)."""
    return [_step(tuple(appended)) for _, appended in groupby(stream, key=lambda one: one.position.xid)]


def _step(appended: tuple[Recorded, ...]) -> Step:
    last, events = appended[-1], tuple(one.event for one in appended)
    if isinstance(events[0], CatalogueChanged):
        return Step(last.version, last.recorded_at, events[0], events[1:])
    return Step(last.version, last.recorded_at, None, events)


def as_files_said(stream: Iterable[Recorded]) -> Catalogue:
    """The catalogue as the file that was read last describes it, whatever supervisors have changed since."""
    return Catalogue.of(event for step in steps(stream) if step.said is None for event in step.events)
