"""What is broken for many at once: known errors that begin, explain incidents of a subject, and are solved. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from msgspec.structs import replace

from deploy.simulate import rhythm, texts
from deploy.simulate.rhythm import Day
from services.intake.incident.commands import Actor
from services.intake.knowledge.errors import retire
from services.intake.knowledge.news import withdraw
from shared.clock import PARIS
from shared.events.knowledge import KnownErrorPublished, KnownErrorRetired, NewsPublished, NewsWithdrawn

#: On which share of working days something begins, and for how many days it lasts at most.
_SHARE, _LONGEST = 0.2, 20
_FIRST_HOUR, _HOURS = 8, 6
#: The share of which a news tells.
_ANNOUNCED: Final = 0.5


class Trouble(NamedTuple):
    """A known error and its end.

    Attributes:
        stream_id: its own.
        published, published_id: the event that says so, and its id; without a number until the journal has given one.
        since: from when on it is known.
        until: when it is solved.
        solution: how, in words.
        retired_id: the id of the event that says so.
        is_announced: whether a news tells everybody of it, as long as it holds.
    """

    stream_id: UUID
    published: KnownErrorPublished
    published_id: UUID
    since: datetime
    until: datetime
    solution: str
    retired_id: UUID
    is_announced: bool

    @property
    def number(self) -> str:
        """By which incidents are linked to it."""
        return self.published.number

    @property
    def subject(self) -> str:
        """The subject of the incidents that come of it."""
        return self.published.subjects[0]

    @property
    def retired(self) -> KnownErrorRetired:
        """Its end."""
        return retire([self.published], self.published.by, self.solution, solved=True)

    @property
    def news_id(self) -> UUID:
        """The stream of its news."""
        return uuid5(self.stream_id, "news")

    @property
    def news(self) -> NewsPublished:
        """What everybody is told."""
        said = self.published
        return NewsPublished(
            by=said.by, title=said.title, text=f"{said.symptoms}\n\n{said.workaround}", subjects=said.subjects
        )

    @property
    def withdrawn(self) -> NewsWithdrawn:
        """The end of its news."""
        return withdraw([self.news], self.published.by, self.solution)

    def numbered(self, number: str) -> Trouble:
        """The same with its number."""
        return self._replace(published=replace(self.published, number=number))


def begun(day: Day, subjects: Sequence[str], agents: Sequence[Actor], random: Random) -> Iterator[Trouble]:
    """What begins on a day: mostly nothing."""
    if random.random() > _SHARE * rhythm.weight(day.date):
        return
    since = datetime.combine(day.date, time(_FIRST_HOUR), PARIS).astimezone(UTC)
    since += timedelta(hours=_HOURS * random.random())
    yield Trouble(
        stream_id=_identifier(random),
        published=KnownErrorPublished(
            number="",
            by=random.choice(agents).person,
            title=texts.words("error_titles", random),
            symptoms=texts.words("error_symptoms", random),
            workaround=texts.words("error_workarounds", random),
            subjects=[random.choice(subjects)],
        ),
        published_id=_identifier(random),
        since=since,
        until=since + timedelta(days=_LONGEST * random.random(), hours=2),
        solution=texts.words("error_solutions", random),
        retired_id=_identifier(random),
        is_announced=random.random() < _ANNOUNCED,
    )


def _identifier(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


def holding(troubles: Sequence[Trouble], instant: datetime) -> list[Trouble]:
    """The known errors that hold at an instant."""
    return [one for one in troubles if one.since <= instant < one.until]
