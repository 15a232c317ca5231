"""The subjects one may choose from, remembered so that the form can be shown while query is away."""

from __future__ import annotations

import time
from typing import Final

from services.portal.upstream.clients import Query
from services.portal.upstream.http import ServiceDown
from shared.wire import SubjectItem

_LASTS: Final = 60.0


class Catalogue:
    """The last catalogue that query gave; the same for everybody."""

    def __init__(self) -> None:
        self._items: list[SubjectItem] = []
        self._read_at = 0.0

    async def subjects(self, query: Query) -> list[SubjectItem]:
        """The subjects that are not retired, in the order of the catalogue.

        Raises:
            ServiceDown: query is away and never answered before.
        """
        if not self._items or time.monotonic() - self._read_at > _LASTS:
            try:
                items = (await query.subjects()).items
            except ServiceDown:
                if not self._items:
                    raise
            else:
                self._items = [item for item in items if not item.retired]
                self._read_at = time.monotonic()
        return self._items


def by_group(subjects: list[SubjectItem]) -> list[tuple[str, list[SubjectItem]]]:
    """The subjects under the label of their group, groups and subjects in the order of the catalogue."""
    groups: dict[str, list[SubjectItem]] = {}
    for subject in subjects:
        groups.setdefault(subject.group_label, []).append(subject)
    return list(groups.items())
