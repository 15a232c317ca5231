"""What was measured, as a table for people and as JSON for programs; ratios first, for they travel between machines."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table.

    Attributes:
        name: of the row.
        ratio: ours by theirs, the median of the rounds.
        aim: the ratio that is wanted; None where only figures are told.
        at_most: whether the aim is a ceiling, as for times; otherwise it is a floor, as for rates.
        ours, theirs: medians of the rounds, in `unit`.
        against: what `theirs` is.
        conditions: how it was measured.
        details: further figures, by name with unit.
    """

    name: str
    ratio: float
    aim: float | None
    at_most: bool = False
    ours: float
    theirs: float
    unit: str
    against: str
    conditions: str
    details: dict[str, float] = {}

    @property
    def met(self) -> bool:
        """Whether the ratio is what is wanted of it."""
        return self.aim is None or (self.ratio <= self.aim if self.at_most else self.ratio >= self.aim)


def told(figure: Figure) -> str:
    """A row as lines for people."""
    aim = "" if figure.aim is None else f" (aim {'≤' if figure.at_most else '≥'} {figure.aim:g})"
    lines = [
        f"{figure.ratio:8.2f}  {'  ' if figure.met else '✗ '}{figure.name}{aim}",
        f"            {_short(figure.ours)} against {_short(figure.theirs)} {figure.unit}: {figure.against}",
        f"            {figure.conditions}",
    ]
    lines += [f"            {name}: {_short(value)}" for name, value in figure.details.items()]
    return "\n".join(lines) + "\n"


def write(folder: Path, figures: list[Figure], *, quick: bool) -> Path:
    """Keep a run as `bench.txt` and `bench.json`; gives the first."""
    folder.mkdir(parents=True, exist_ok=True)
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "quick": quick}
    run = {"machine": machine, "rows": [msgspec.to_builtins(one) | {"met": one.met} for one in figures]}
    (folder / "bench.json").write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n")
    text = folder / "bench.txt"
    text.write_text("\n".join(map(told, figures)), encoding="utf-8")
    return text


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
