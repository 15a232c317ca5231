"""Who takes part: requesters and the agents of each group, those of the demo among them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Final, NamedTuple
from uuid import UUID

from deploy.demo.people import PEOPLE
from deploy.simulate import texts
from services.intake.incident.commands import Actor
from shared.events.base import Person
from shared.events.vocabulary import Role

#: People are few against their incidents, and no académie has more.
_INCIDENTS_EACH, _MOST = 10, 20_000
_AGENTS_A_GROUP: Final = 4
#: One in so many asks often, and they ask for this share of what anybody does.
_REGULARS_AMONG, _SHARE_OF_REGULARS = 50, 0.15


class Known(NamedTuple):
    """Somebody before the journal knows them; `groups` are an agent's."""

    sub: str
    name: str
    email: str
    groups: frozenset[str] = frozenset()


class Cast(NamedTuple):
    """Everybody, with the pseudonyms of the journal."""

    requesters: Sequence[Actor]
    agents: Mapping[str, Sequence[Actor]]

    def who_asks(self, random: Random) -> int:
        """The rank of a requester: anybody, and some much more often than others."""
        return random.randrange(self._regulars if random.random() < _SHARE_OF_REGULARS else len(self.requesters))

    def is_regular(self, rank: int) -> bool:
        """Whether somebody is one of those few who ask often."""
        return rank < self._regulars

    @property
    def _regulars(self) -> int:
        return max(1, len(self.requesters) // _REGULARS_AMONG)


def requesters(incidents: int) -> list[Known]:
    """Those who ask in a history of so many incidents: first the requesters of the demo, then invented ones."""
    demo = [Known(p.sub, p.name, p.email or "") for p in PEOPLE.values() if Role.REQUESTER in p.roles]
    count = max(len(demo) + 3, min(_MOST, incidents // _INCIDENTS_EACH))
    return [*demo, *(_invented(rank) for rank in range(count - len(demo)))]


def agents(groups: Iterable[str]) -> list[Known]:
    """Those who answer: the agents of the demo, and some invented ones for each group."""
    demo = [Known(p.sub, p.name, p.email or "", frozenset(p.groups)) for p in PEOPLE.values() if Role.AGENT in p.roles]
    ranks = range(_MOST, _MOST + _AGENTS_A_GROUP)
    return demo + [
        _invented(rank + place * _AGENTS_A_GROUP, group) for place, group in enumerate(groups) for rank in ranks
    ]


def _invented(rank: int, *groups: str) -> Known:
    name, email = texts.person(rank)
    return Known(email.partition("@")[0], name, email, frozenset(groups))


def cast(asking: Sequence[Known], answering: Sequence[Known], pseudonyms: Mapping[str, UUID]) -> Cast:
    """Put people together with the pseudonyms of their accounts."""
    crew = [_actor(known, pseudonyms) for known in answering]
    groups = {group for one in crew for group in one.groups}
    return Cast(
        [_actor(known, pseudonyms) for known in asking],
        {group: [one for one in crew if group in one.groups] for group in groups},
    )


def _actor(known: Known, pseudonyms: Mapping[str, UUID]) -> Actor:
    person = Person(id=pseudonyms[known.sub], name=known.name, email=known.email)
    return Actor(person=person, is_agent=bool(known.groups), groups=known.groups)
