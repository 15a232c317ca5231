"""What somebody thought of how they were helped, on the page of the incident."""

from __future__ import annotations

import math

import pytest

from services.query.incidents.detail import build
from services.query.viewer import Viewer
from shared.catalogue import Catalogue
from shared.events.base import Person
from shared.events.incident import IncidentResolved, SatisfactionRated
from shared.events.vocabulary import Role
from shared.http.identity import Caller
from shared.wire.incidents import IncidentDetail, Opinion
from tests.unit.notifier.stories import CLAIRE, NADIA, created, story

RESOLVED = IncidentResolved(by=NADIA, text="Fait.")
UNHAPPY = SatisfactionRated(by=CLAIRE, rating=2, text="Trop long.")
HAPPY = SatisfactionRated(by=CLAIRE, rating=5)


def page(reader: Person, *events: SatisfactionRated) -> IncidentDetail:
    roles = frozenset({Role.AGENT} if reader is NADIA else {Role.REQUESTER})
    caller = Caller(sub="", name=reader.name, email=None, roles=roles, groups=frozenset(), expires_at=math.inf)
    return build(story(created(), RESOLVED, *events), Viewer(reader.id, caller), Catalogue())


@pytest.mark.parametrize("reader", [CLAIRE, NADIA], ids=["requester", "agent"])
def test_it_stands_in_the_timeline_in_words(reader: Person) -> None:
    entry = page(reader, UNHAPPY).timeline[-1]
    assert (entry.shape, entry.side, entry.title) == ("message", "requester", "Avis")
    assert entry.text == "Trop long.\n\nAvis de Claire Martin : insatisfait (2 sur 5)"


def test_without_words_it_is_a_fact() -> None:
    entry = page(CLAIRE, HAPPY).timeline[-1]
    assert (entry.shape, entry.title) == ("fact", "Avis donné")
    assert entry.text == "Avis de Claire Martin : très satisfait (5 sur 5)"


def test_the_last_one_counts() -> None:
    assert page(CLAIRE).opinion is None
    assert page(CLAIRE, UNHAPPY, HAPPY).opinion == Opinion(rating=5, label="Très satisfait", text=None)


def test_it_is_no_update_of_the_incident() -> None:
    before, after = page(CLAIRE), page(CLAIRE, UNHAPPY)
    assert (after.status, after.updated_at, after.version) == (before.status, before.updated_at, before.version + 1)
