"""Who changed what of the catalogue, when and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from services.query.parameters import Reader
from shared.catalogue import Catalogue
from shared.catalogue_changes import changes
from shared.catalogue_history import Step, steps
from shared.journal.records import Recorded
from shared.wire.catalogue import CatalogueHistory, CatalogueStep

_LIMIT: Final = 20
_MOST: Final = 100
#: No catalogue has more events than these can count.
_VERSION_DIGITS: Final = 9


class Asked(NamedTuple):
    """How many changes to show, and the version before which they were made; None for the newest."""

    limit: int
    before: int | None


def read_asked(given: Mapping[str, str]) -> Asked:
    """Parameters `limit before`.

    Raises:
        Problem: 422 naming every bad value.
    """
    reader = Reader(given)
    before = reader.text("before")
    if before and not (before.isascii() and before.isdecimal() and len(before) <= _VERSION_DIGITS):
        reader.refuse("before", "Une version du catalogue est attendue.")
    asked = reader.limit(_LIMIT, _MOST)
    reader.check()
    return Asked(asked, int(before) if before else None)


def build(stream: Sequence[Recorded], asked: Asked) -> CatalogueHistory:
    """A page of the history, newest first.

    Args:
        stream: all events of the catalogue, oldest first.
        asked: which page.
    """
    told = [step for step in _told(stream) if asked.before is None or step.version < asked.before]
    page = told[: -asked.limit - 1 : -1]
    return CatalogueHistory(items=page, next=page[-1].version if len(told) > len(page) else None)


def _told(stream: Sequence[Recorded]) -> Iterator[CatalogueStep]:
    known = Catalogue()
    for step in steps(stream):
        yield _step(known, step)
        known = known.after(step.events)


def _step(before: Catalogue, step: Step) -> CatalogueStep:
    return CatalogueStep(
        version=step.version,
        at=step.at,
        by=step.said.by.name if step.said else None,
        reason=step.said.reason if step.said else None,
        changes=changes(before, step.events),
    )
