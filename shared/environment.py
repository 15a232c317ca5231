"""The file of `NAME=value` lines in which the running stack leaves its addresses for other programs."""

import os
from collections.abc import Mapping
from pathlib import Path


def run_env(home: Path) -> dict[str, str]:
    """What `run.env` under this home says; empty where no stack has run."""
    try:
        lines = (home / "run.env").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)


def stack_variables(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the operator gave, and for the rest what the running stack left; `CECOIA_HOME` is there and absolute."""
    home = Path(environment.get("CECOIA_HOME") or ".cecoia").resolve()
    given = {name: value for name, value in environment.items() if value}
    return {**run_env(home), **given, "CECOIA_HOME": str(home)}


def write_run_env(home: Path, values: Mapping[str, str]) -> None:
    """Replace `run.env` in one step, so that no reader sees half of it."""
    part = home / "run.env.part"
    part.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")
    part.replace(home / "run.env")
