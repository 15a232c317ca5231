"""Cells that no spreadsheet runs, months as Paris has them, and the catalogue at each moment."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.query.exports import incidents
from services.query.exports.asking import months_between, read_asked
from services.query.exports.forms import to_csv
from services.query.exports.incidents import Timeline, lived
from services.query.exports.rows import IncidentRow
from services.query.exports.tables import EVENTS
from services.query.sheets import harmless
from shared.events.catalogue import GroupDefined
from shared.events.incident import IncidentPutOnHold, IncidentResumed, IncidentTaken
from shared.events.vocabulary import HoldReason
from shared.journal.records import Meta, Position, Recorded
from tests.support.history import created, person

NOON = datetime(2026, 11, 6, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["=1+1", "+33", "-2", "@SUM(A1)", "\tx", "\rx", "\nx", " =1+1", "\u00a0 @SUM(A1)", "＝1+1", "－2"]
)
def test_no_cell_is_a_formula(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", None, "messagerie", "a=b", "1261106_0001", " a", "  "])
def test_other_cells_are_left_as_they_are(cell):
    assert harmless(cell) == cell


async def test_spreadsheets_get_decimal_commas_and_hours_of_paris():
    row = dict.fromkeys(IncidentRow.__struct_fields__)
    filled = IncidentRow(**row | {"held_hours": 1.25, "created_at": NOON, "subject_label": "=cmd", "version": 7})

    async def pages():
        yield [filled]

    columns = EVENTS._replace(row=IncidentRow).columns
    (line,) = [chunk.decode() async for chunk in to_csv(columns, pages(), begin=False)]
    cells = dict(zip(row, line.rstrip("\r\n").split(";"), strict=True))
    wanted = {"held_hours": "1,25", "created_at": "2026-11-06 12:00:00", "subject_label": "'=cmd", "version": "7"}
    assert {name: cells[name] for name in wanted} == wanted
    assert {cells[name] for name in cells.keys() - wanted} == {""}


def test_months_begin_in_paris():
    first, last = datetime(2025, 11, 30, 23, 30, tzinfo=UTC), datetime(2026, 2, 28, 22, 59, tzinfo=UTC)
    assert list(months_between(first, last)) == ["2025-12", "2026-01", "2026-02"]
    part = read_asked({"month": "2026-12", "form": "ndjson"}, EVENTS).part
    assert (part.since, part.until) == (
        datetime(2026, 11, 30, 23, tzinfo=UTC),
        datetime(2026, 12, 31, 23, tzinfo=UTC),
    )


def recorded(event, version, minutes=0):
    return Recorded(
        position=Position(10, version),
        stream_id=uuid4(),
        version=version,
        event_id=uuid4(),
        recorded_at=NOON + timedelta(minutes=minutes),
        event=event,
        meta=Meta(),
    )


def test_the_catalogue_is_that_of_the_moment():
    def group(label):
        return GroupDefined(group="reseau", label=label, mail="r@cecoia.example", calendar="standard")

    timeline = Timeline([recorded(group("Avant"), 2), recorded(group("Après"), 5)])
    assert timeline.at(Position(10, 1)).groups == {}
    labels = [timeline.at(Position(10, at)).groups["reseau"].label for at in (2, 4, 5, 9)]
    assert labels == ["Avant", "Avant", "Après", "Après"]
    assert timeline.now.groups["reseau"].label == "Après"


def test_a_life_knows_what_happened_first():
    agent = person(name="Nadia")
    events = [
        recorded(created(person()), 1),
        recorded(IncidentTaken(by=agent, group="postes"), 2, 5),
        recorded(IncidentPutOnHold(by=agent, reason=HoldReason.REQUESTER), 3, 6),
        recorded(IncidentResumed(), 4, 96),
        recorded(IncidentTaken(by=agent, group="reseau"), 5, 97),
    ]
    life = lived(events)
    assert life.first(IncidentTaken) == NOON + timedelta(minutes=5)
    assert life.state.group_code == "reseau"
    assert life.first(IncidentPutOnHold) == NOON + timedelta(minutes=6)
    assert incidents._held(life.events) == timedelta(minutes=90)


def test_what_is_no_incident_is_refused():
    with pytest.raises(ValueError, match="is no incident's"):
        lived([recorded(IncidentResumed(), 1)])
