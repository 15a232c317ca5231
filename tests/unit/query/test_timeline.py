"""The story of an incident: documents belong to what was sent with them."""

import math
from uuid import UUID

import pytest
from msgspec.structs import replace

from services.query.incidents.timeline import tell
from services.query.viewer import Viewer
from shared.catalogue import Catalogue
from shared.http.identity import Caller
from shared.journal.records import Position
from tests.unit.notifier.stories import CLAIRE, created, document, story

VIEWER = Viewer(
    CLAIRE.id,
    Caller(
        sub="claire.martin",
        name="Claire Martin",
        email=None,
        roles=frozenset(),
        groups=frozenset(),
        expires_at=math.inf,
    ),
)


@pytest.mark.parametrize(("xid", "entries"), [(10, [[UUID(int=7)]]), (11, [[], [UUID(int=7)]])])
def test_a_document_belongs_to_what_was_recorded_in_the_same_transaction(xid: int, entries: list[list[UUID]]) -> None:
    creation, attached = story((created(), document(CLAIRE)))
    events = [creation, replace(attached, position=Position(xid, 2))]
    told, documents = tell(events, VIEWER, Catalogue())
    assert [entry.documents for entry in told] == entries
    assert [one.entry for one in documents] == [len(entries)]
