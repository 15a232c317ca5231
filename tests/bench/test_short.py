"""A minute and a half of measuring: every row is told. Speeds are not judged, for other tests run beside this one."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from tests.bench.__main__ import NAMES
from tests.bench.report import Figure, told
from tests.bench.rows.relay import RATE
from tests.support.stack import MARKS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MODULES = {mark.removeprefix("-m ") for mark in MARKS.values() if mark.startswith("-m ")}


class Table(msgspec.Struct):
    """What `bench.json` must be."""

    machine: dict[str, int | str | bool]
    rows: list[Figure]


class Run(NamedTuple):
    """What a run printed, and what it wrote."""

    said: str
    folder: Path

    def table(self) -> Table:
        return msgspec.json.decode((self.folder / "bench.json").read_bytes(), type=Table)

    def figure(self, name: str) -> Figure:
        """A row by its name on the command line."""
        return dict(zip(NAMES, self.table().rows, strict=True))[name]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    home = tmp_path_factory.mktemp("bench") / "home"
    command = [sys.executable, "-m", "tests.bench", "--quick"]
    given = os.environ | {"CECOIA_HOME": str(home)}
    with subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            said, why = process.communicate()
        finally:
            process.send_signal(signal.SIGINT)  # out of time: end with all that was started, as Ctrl-C would
    assert process.returncode == 0, why
    return Run(said, home / "bench")


def test_every_row_is_measured_and_told(run: Run) -> None:
    table = run.table()
    assert len(table.rows) == len({row.name for row in table.rows}) == len(NAMES)
    assert table.machine["quick"] is True
    text = (run.folder / "bench.txt").read_text(encoding="utf-8")
    assert text == "\n".join(map(told, table.rows))
    assert run.said == f"{text}\nwritten to {run.folder / 'bench.txt'}\n"


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_such_as_can_be_measured(run: Run, name: str) -> None:
    row = run.figure(name)
    assert all(0 < value < math.inf for value in (row.ratio, row.ours, row.theirs))
    assert all(0 <= value < math.inf for value in row.details.values())
    assert all((row.unit, row.against, row.conditions))


def test_the_relay_does_no_more_than_comes(run: Run) -> None:
    relay = run.figure("relay")
    assert relay.theirs == RATE
    assert relay.ratio == pytest.approx(relay.ours / RATE)
    assert relay.ratio < 1.01  # what is due is sent in a little less than the time it is due in
    assert relay.details["most, from a heap, incidents/s"] > 1


@pytest.mark.parametrize(("name", "processes"), [("memory", MODULES), ("readers", {"projector", "sealer", "query"})])
def test_every_process_is_weighed(run: Run, name: str, processes: set[str]) -> None:
    memory = run.figure(name)
    weights = {name.removesuffix(", MB"): weight for name, weight in memory.details.items()}
    assert weights.keys() == processes
    assert all(5 < weight < 1000 for weight in weights.values())
    assert memory.ours in weights.values()
    assert 0.5 < memory.ratio == pytest.approx(memory.ours / memory.theirs)
