"""`python -m shared.events.publish` writes the JSON Schema of every event; `--check` tells which are out of date."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Final

import msgspec

from shared.events.base import Event
from shared.events.registry import EVENTS

FOLDER: Final = Path(__file__).with_name("schemas")
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of one version of an event; what is sealed in the journal carries `x-personal`."""
    tag = event.__struct_config__.tag
    return {"$schema": _DIALECT, "$id": f"cecoia:event:{tag}", **msgspec.json.schema(event)}


def documents() -> dict[str, str]:
    """File name to text, for every version of every event."""
    return {
        f"{event.__struct_config__.tag}.json": msgspec.json.format(
            msgspec.json.encode(schema(event)), indent=2
        ).decode()
        + "\n"
        for event in EVENTS
    }


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of files that are missing, different or too many."""
    wanted = documents()
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def write(folder: Path = FOLDER) -> list[str]:
    """Make the files what they should be.

    Returns:
        Names of the files that changed.
    """
    folder.mkdir(exist_ok=True)
    wanted, changed = documents(), stale(folder)
    for name in changed:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return changed


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(prog="python -m shared.events.publish", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file is out of date")
    check = parser.parse_args().check
    changed = stale() if check else write()
    sys.stdout.write("".join(f"{name}\n" for name in changed))
    if check and changed:
        raise SystemExit("event schemas are out of date: run python -m shared.events.publish")


if __name__ == "__main__":
    main()
