"""Three minutes of everything going wrong: nothing is lost, nothing happens twice."""

from pathlib import Path

import pytest

from tests.proof.trial import Order, attempt

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SEED, SECONDS, FAULTS = 1810, 180.0, 45


async def test_nothing_is_lost_and_nothing_happens_twice(tmp_path: Path) -> None:
    report = await attempt(Order(SEED, SECONDS), tmp_path, print)
    for line in report.lines():
        print(line)  # noqa: T201 - shown with the failure
    assert report.findings == []
    assert len(report.injected) >= FAULTS
    assert report.acknowledged == len(report.ledger) > 300
