"""The way back from what was done about several incidents: exact, or said to be less."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.portal.agents.sending import Step
from services.portal.queues import lots
from services.portal.queues.bulk import reason
from services.portal.queues.lots import Before, Lot, Outcome
from services.portal.queues.undoing import is_untouched, way_back
from services.portal.upstream.http import Problem, Refused, ServiceDown
from shared.events.vocabulary import HoldReason
from tests.unit.portal.test_agent import detail, entry

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
UNTIL = datetime(2026, 12, 1, tzinfo=UTC)


def before(*, mine: bool = False, taken: bool | None = None, hold: HoldReason | None = None) -> Before:
    until = UNTIL if hold is HoldReason.DATE else None
    return Before(group="reseau", taken=mine if taken is None else taken, mine=mine, hold=hold, hold_until=until)


BACK = Step("transfer", {"group": "reseau"})
AGAIN = Step("hold", {"reason": "date", "until": UNTIL.isoformat()})


@pytest.mark.parametrize(
    ("command", "was", "steps", "is_whole"),
    [
        ("take", before(), [Step("release")], True),
        ("hold", before(mine=True), [Step("resume")], True),
        ("resume", before(mine=True, hold=HoldReason.DATE), [AGAIN], True),
        ("resume", before(mine=True, hold=HoldReason.THIRD_PARTY), [Step("hold", {"reason": "third_party"})], True),
        ("resume", before(mine=True, hold=HoldReason.REQUESTER), [], False),
        ("transfer", before(), [BACK], True),
        ("transfer", before(mine=True), [BACK, Step("take")], True),
        ("transfer", before(mine=True, hold=HoldReason.DATE), [BACK, Step("take"), AGAIN], True),
        ("transfer", before(mine=True, hold=HoldReason.REQUESTER), [BACK, Step("take")], False),
        ("transfer", before(taken=True), [BACK], False),
    ],
)
def test_each_command_has_a_way_back(command: str, was: Before, steps: list[Step], is_whole: bool) -> None:
    way = way_back(command, was)
    assert list(way.steps) == steps
    assert (way.lacking == "") is is_whole


def test_why_it_failed_ends_a_sentence() -> None:
    refusal = Refused(Problem(status=409, detail="Un autre agent a déjà pris cet incident en charge."))
    assert reason(refusal) == "un autre agent a déjà pris cet incident en charge"
    assert reason(Refused(Problem(status=403))) == "ce n’est pas possible"
    assert "n’a pas répondu" in reason(ServiceDown("intake"))


def test_what_anybody_did_since_is_left_alone() -> None:
    taken = entry(2, "agent", by_caller=True)
    assert is_untouched(detail(entry(1, "requester"), taken, entry(3, "system")), 2)
    assert not is_untouched(detail(entry(1, "requester"), taken, entry(3, "agent", by_caller=True)), 2)
    assert not is_untouched(detail(entry(1, "requester"), taken, entry(3, "requester")), 2)


def lot(*outcomes: Outcome, undone: list[Outcome] | None = None) -> Lot:
    return Lot(id="x", command="take", at=NOW, outcomes=list(outcomes), undone=undone)


TOOK = Outcome(number="1", version=3, before=before())
FAILED = Outcome(number="2", why="un autre l’a pris")


def test_a_lot_can_be_undone_for_a_few_minutes_and_once() -> None:
    assert lot(TOOK, FAILED).can_be_undone(NOW + lots.UNDONE_WITHIN)
    assert not lot(TOOK).can_be_undone(NOW + lots.UNDONE_WITHIN + timedelta(seconds=1))
    assert not lot(FAILED).can_be_undone(NOW)
    assert not lot(TOOK, undone=[TOOK]).can_be_undone(NOW)


def test_what_became_of_each_is_said() -> None:
    assert lots.words(lot(TOOK, FAILED)) == "1\u00a0incident pris en charge."
    assert lot(TOOK, FAILED).complaints == [FAILED]
    undone = lot(TOOK, FAILED, undone=[Outcome(number="1", why="il a changé")])
    assert lots.words(undone) == "Annulé\u00a0: 0\u00a0incident est comme avant."
    assert [one.number for one in undone.complaints] == ["1"]
