"""What a run is told as."""

import json
from uuid import uuid4

from tests.proof.footprint import Footprint
from tests.proof.ledger import Answer, Command, Kind
from tests.proof.report import Report
from tests.proof.storm import Injected
from tests.proof.truth import Evidence, Finding

NOTHING = Footprint({}, {}, {})


def report() -> Report:
    return Report(
        command="python -m tests.proof --seed 7",
        ledger=[
            Command("a", Kind.CREATE, "x", answer=Answer("1", 1), tries=3),
            Command("b", Kind.CREATE, "x", tries=2),
        ],
        faults=[
            Injected("redis killed", 1.0, "10:00:00", healed=2.0, acknowledged=0.5, confirmed=4.0),
            Injected("redis killed", 3.0, "10:00:02", healed=4.0, acknowledged=1.5),
            Injected("mail server down", 3.0, "10:00:02", healed=4.0),
            Injected("worker killed", 4.0, "10:00:03", missed="NothingToBreakError"),
        ],
        impossible={"disk full": "nothing can be mounted here"},
        evidence=Evidence([], [], 0.0, [], {uuid4(): "", uuid4(): "0" * 64}),
        findings=[Finding("lost", "create b"), Finding("grew", "intake")],
        before=NOTHING,
        after=NOTHING,
    )


def test_the_table_tells_everything() -> None:
    lines = list(report().lines())
    assert "redis killed                         2      1.0     1.5           4.0     4.0" in lines
    assert any(line.startswith("mail server down") and line.count("never") == 2 for line in lines)
    assert not any(line.startswith("worker killed") for line in lines)
    assert "commands    2 sent, 1 acknowledged, 5 tries" in lines
    assert "documents   1 read back" in lines
    assert "faults      3 injected, 1 met nothing to break" in lines
    assert "NOT INJECTED disk full: nothing can be mounted here" in lines
    assert "NOT INJECTED worker killed: NothingToBreakError" in lines
    assert "lost 1, doubled 0, others 1" in lines
    assert "  lost: create b" in lines
    assert lines[-1] == "to be run again with: python -m tests.proof --seed 7"


def test_programs_can_read_it() -> None:
    plain = json.loads(json.dumps(report().plain()))
    assert (plain["sent"], plain["acknowledged"], plain["findings"][0]["what"]) == (2, 1, "lost")
