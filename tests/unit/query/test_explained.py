"""Why an incident is due when it is, line by line."""

from datetime import datetime, timedelta

import msgspec

from services.query.agents.targets import explain, moves
from services.query.incidents.detail import fold
from shared.catalogue import Catalogue
from shared.clock import PARIS
from shared.events.base import Event
from shared.events.catalogue import CatalogueChanged, GroupDefined
from shared.events.incident import IncidentPutOnHold, IncidentResumed, IncidentTaken
from shared.events.vocabulary import HoldReason, Target
from shared.journal.records import Recorded
from tests.unit.notifier.stories import NADIA, created, story
from tests.unit.shared.test_targets import CATALOGUE, DAYS

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=PARIS)


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def told(*events: tuple[float, Event]) -> list[Recorded]:
    """An incident that was created on Monday at 8:00, and what happened so many hours later."""
    beginning = (0.0, created(subject="poste"))
    instants = [at(hours) for hours, _ in (beginning, *events)]
    recorded = story(*(event for _, event in (beginning, *events)))
    return [msgspec.structs.replace(one, recorded_at=instant) for one, instant in zip(recorded, instants, strict=True)]


def explained(*events: tuple[float, Event], known: Catalogue = CATALOGUE):
    recorded = told(*events)
    state = fold(recorded)
    assert state is not None
    return {item.target: item for item in explain(recorded, state, known, at(9))}


def lines(item) -> list[tuple[float, float | None, int, int, str]]:
    def hours(instant: datetime | None) -> float | None:
        return None if instant is None else (instant - MONDAY) / timedelta(hours=1)

    return [(hours(line.start), hours(line.end), line.minutes, line.total, line.text) for line in item.lines]


def test_each_day_counts_until_the_target_runs_out() -> None:
    found = explained()
    assert lines(found[Target.TAKE]) == [(0, 4, 240, 240, "")]
    assert lines(found[Target.RESOLVE]) == [(0, 10, 600, 600, ""), (24, 34, 600, 1200, "")]
    assert (found[Target.RESOLVE].due_at, found[Target.RESOLVE].minutes) == (at(34), 1200)
    assert (found[Target.RESOLVE].calendar, found[Target.RESOLVE].met_at) == ("Jours", None)


def test_holds_are_lines_of_their_own() -> None:
    taken = (1, IncidentTaken(by=NADIA, group="postes"))
    held = (2, IncidentPutOnHold(by=NADIA, reason=HoldReason.THIRD_PARTY))
    found = explained(taken, held, (5, IncidentResumed()))
    assert found[Target.TAKE].met_at == at(1)
    assert lines(found[Target.RESOLVE])[:3] == [
        (0, 2, 120, 120, ""),
        (2, 5, 0, 120, "En attente de l’intervention d’un tiers"),
        (5, 10, 300, 420, ""),
    ]
    paused = explained(taken, held)[Target.RESOLVE]
    assert paused.due_at is None
    assert lines(paused)[-1] == (2, None, 0, 120, "En attente de l’intervention d’un tiers")


def test_closed_days_say_why() -> None:
    closed = CATALOGUE.evolve(msgspec.structs.replace(DAYS, closed=("2026-11-24",)))
    assert lines(explained(known=closed)[Target.RESOLVE]) == [
        (0, 10, 600, 600, ""),
        (16, 40, 0, 600, "fermeture"),
        (48, 58, 600, 1200, ""),
    ]


def test_without_a_calendar_there_is_nothing_to_explain() -> None:
    assert explained(known=Catalogue()) == {}


def test_what_moved_it_is_told_with_the_reason() -> None:
    other = GroupDefined(group="reseau", label="Réseau", mail="r@x.example", calendar="always")
    said = CatalogueChanged(by=NADIA, reason="Pont de l’Ascension")
    defined = told((-1, DAYS), (2, other), (3, said), (3, DAYS))[1:]
    appended = [
        msgspec.structs.replace(one, position=one.position._replace(xid=xid))
        for one, xid in zip(defined, (1, 2, 3, 3), strict=True)
    ]
    state = fold(told())
    assert state is not None
    assert [(move.at, move.what, move.why) for move in moves(appended, state, CATALOGUE)] == [
        (at(3), "Calendrier défini", "Pont de l’Ascension")
    ]
