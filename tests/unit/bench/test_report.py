"""The table says what was measured, and whether that is what is wanted."""

from pathlib import Path

import msgspec
import pytest

from tests.bench import rows
from tests.bench.__main__ import NAMES
from tests.bench.report import Figure, told, write
from tests.bench.rounds import in_turn, percentile


def figure(ratio: float, aim: float | None = 0.75, *, at_most: bool = False) -> Figure:
    return Figure(
        name="creates",
        ratio=ratio,
        aim=aim,
        at_most=at_most,
        ours=1568.4,
        theirs=7.25,
        unit="requests/s",
        against="a bare route",
        conditions="64 clients",
        details={"p99, ms": 0.5},
    )


@pytest.mark.parametrize(
    ("ratio", "aim", "at_most", "met"),
    [
        (0.8, 0.75, False, True),
        (0.7, 0.75, False, False),
        (2, 3, True, True),
        (4, 3, True, False),
        (9, None, True, True),
    ],
)
def test_an_aim_is_a_floor_or_a_ceiling(ratio: float, aim: float | None, at_most: bool, met: bool) -> None:
    assert figure(ratio, aim, at_most=at_most).met is met


def test_a_row_begins_with_its_ratio() -> None:
    assert told(figure(0.7)).split() == (
        [
            "0.70",
            "✗",
            "creates",
            "(aim",
            "≥",
            "0.75)",
            "1,568",
            "against",
            "7.25",
            "requests/s:",
            "a",
            "bare",
            "route",
            "64",
            "clients",
            "p99,",
            "ms:",
            "0.5",
        ]
    )


def test_a_run_is_kept_for_people_and_programs(tmp_path: Path) -> None:
    text = write(tmp_path / "bench", [figure(0.8), figure(4, 3, at_most=True)], quick=True)
    assert text.read_text(encoding="utf-8").count("creates") == 2
    run = msgspec.json.decode((tmp_path / "bench" / "bench.json").read_bytes())
    assert [row["met"] for row in run["rows"]] == [True, False]
    assert run["machine"]["quick"] is True


async def test_rounds_are_in_turn_and_ratios_are_their_own() -> None:
    order: list[str] = []
    mine, others = iter([99.0, 10, 30, 20]), iter([1.0, 10, 10, 5])

    async def ours() -> float:
        order.append("ours")
        return next(mine)

    async def theirs() -> float:
        order.append("theirs")
        return next(others)

    found = await in_turn(ours, theirs, 3)
    assert order == ["ours", "theirs"] * 4
    assert found == (20, 10, 3)


def test_percentiles() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([7.0], 0.99)) == (51, 100, 7)


def test_every_row_can_be_asked_for() -> None:
    modules = {path.stem for path in Path(rows.__file__).parent.glob("[a-z]*.py")}
    assert modules == set(NAMES)
