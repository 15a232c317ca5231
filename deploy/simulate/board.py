"""Publishes known errors and news in a history, a stretch of days before the incidents that come of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5

from msgspec.structs import replace

from deploy.simulate.rhythm import Day, midnight_after
from deploy.simulate.troubles import Trouble, begun
from deploy.simulate.world import World
from deploy.simulate.writing import Written, counted, seeded
from shared.database import Pool
from shared.events.base import Event
from shared.journal.append import append
from shared.journal.records import Append, NewEvent, Outcome, Series
from shared.journal.sealing import Vault

#: The group whose agents publish them.
_AUTHORS: Final = "accueil"


class Board:
    """Known errors of a history; `troubles` are those that hold on the days that were written last."""

    def __init__(self, pool: Pool, world: World, seed: int) -> None:
        self._pool, self._vault, self._world, self._seed = pool, Vault(pool), world, seed
        self._written_until = datetime.min.replace(tzinfo=UTC)
        self.troubles: list[Trouble] = []

    async def write(self, days: Sequence[Day]) -> Written:
        """Publish what begins on consecutive days, and solve and withdraw what ends on them."""
        fresh = [trouble for day in days for trouble in self._begun(day)]
        outcomes, published = await self._append([_publication(one) for one in fresh])
        numbered = [one.numbered(outcome.number or "") for one, outcome in zip(fresh, outcomes, strict=True)]
        self.troubles = [one for one in self.troubles if one.until >= self._written_until] + numbered
        self._written_until = midnight_after(days[-1].date)
        ended = [one for one in self.troubles if one.until < self._written_until]
        _, retired = await self._append([_end(one) for one in ended])
        _, announced = await self._append([_news(one) for one in fresh if one.is_announced])
        _, withdrawn = await self._append([_news_end(one) for one in ended if one.is_announced])
        return published.plus(retired).plus(announced).plus(withdrawn)

    def _begun(self, day: Day) -> Sequence[Trouble]:
        agents = self._world.cast.agents[_AUTHORS]
        return list(begun(day, list(self._world.routes), agents, seeded(f"{self._seed}:{day.date}:errors")))

    async def _append(self, commands: Sequence[Append]) -> tuple[Sequence[Outcome], Written]:
        if not commands:
            return (), Written()
        async with self._pool.acquire() as connection:
            outcomes = await append(connection, commands, self._vault)
        return outcomes, counted(commands, outcomes)


def _publication(one: Trouble) -> Append:
    return replace(_only(one.stream_id, 0, one.published_id, one.published, one.since), series=Series.KNOWN_ERROR)


def _end(one: Trouble) -> Append:
    return _only(one.stream_id, 1, one.retired_id, one.retired, one.until)


def _news(one: Trouble) -> Append:
    return _only(one.news_id, 0, uuid5(one.news_id, "published"), one.news, one.since)


def _news_end(one: Trouble) -> Append:
    return _only(one.news_id, 1, uuid5(one.news_id, "withdrawn"), one.withdrawn, one.until)


def _only(stream_id: UUID, version: int, event_id: UUID, event: Event, at: datetime) -> Append:
    """A command of one event, for a stream of this version."""
    new = NewEvent(event_id=event_id, event=event)
    return Append(stream_id=stream_id, events=(new,), recorded_at=at, expected_version=version)
