"""The subjects one may choose from and the canned texts, remembered so that forms can be shown while query is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Generic, TypeVar

from services.portal.upstream.http import ServiceDown
from services.portal.upstream.query import Query
from shared.wire.agents import CannedText
from shared.wire.subjects import SubjectItem

T = TypeVar("T")
_LASTS: Final = 10.0


class _Remembered(Generic[T]):
    """The last list that query gave; the same for everybody who may read it."""

    def __init__(self) -> None:
        self._items: list[T] = []
        self._read_at = 0.0
        self._is_old = True

    async def current(self, read: Callable[[], Awaitable[list[T]]]) -> list[T]:
        """The list, read again after ten seconds, or once it was forgotten.

        Raises:
            ServiceDown: query is away and never answered before.
        """
        if not self._items or self._is_old or time.monotonic() - self._read_at > _LASTS:
            try:
                self._items = await read()
            except ServiceDown:
                if not self._items:
                    raise
            else:
                self._read_at, self._is_old = time.monotonic(), False
        return self._items

    def forget(self) -> None:
        """Read it again when it is asked for."""
        self._is_old = True


class Catalogue:
    """The last catalogue that query gave."""

    def __init__(self) -> None:
        self._subjects = _Remembered[SubjectItem]()
        self._canned = _Remembered[CannedText]()

    async def renew(self, query: Query) -> None:
        """Read it anew in the name of who has just changed it: the answer waits for their change."""
        self._subjects.forget()
        self._canned.forget()
        with suppress(ServiceDown):
            await asyncio.gather(self.subjects(query), self.canned(query))

    async def subjects(self, query: Query) -> list[SubjectItem]:
        """The subjects that are not retired, in the order of the catalogue.

        Raises:
            ServiceDown: query is away and never answered before.
        """

        async def read() -> list[SubjectItem]:
            return [item for item in (await query.subjects()).items if not item.retired]

        return await self._subjects.current(read)

    async def canned(self, query: Query) -> list[CannedText]:
        """The canned texts, in the order of the catalogue; for agents.

        Raises:
            ServiceDown: query is away and never answered before.
        """

        async def read() -> list[CannedText]:
            return (await query.canned_texts()).items

        return await self._canned.current(read)


def by_group(subjects: list[SubjectItem]) -> list[tuple[str, list[SubjectItem]]]:
    """The subjects under the label of their group, groups and subjects in the order of the catalogue."""
    groups: dict[str, list[SubjectItem]] = {}
    for subject in subjects:
        groups.setdefault(subject.group_label, []).append(subject)
    return list(groups.items())
