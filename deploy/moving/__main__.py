"""Move house: `python -m deploy.moving export FOLDER`, once more when all is stopped, and `import FOLDER` elsewhere."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy import postgres
from deploy.archive import DOCUMENTS, carry_out
from deploy.furnishing import SERVER
from deploy.home import Refused, held
from deploy.moving.arriving import arrive
from deploy.moving.cargo import MANIFEST
from deploy.moving.leaving import House, leave
from deploy.moving.lock import Lock
from shared.journal.witness import Witness


def _export(variables: dict[str, str], folder: Path, key: Path) -> str:
    """Write all that there is, or what came since; gives a line about it."""
    home = Path(variables["CECOIA_HOME"])
    documents_url = variables.get("CECOIA_DOCUMENTS_URL") or (home / DOCUMENTS).as_uri()
    seals = Witness.of(variables).path
    lock = Lock.read(key) if (folder / MANIFEST).exists() else Lock.make(key)
    with _database(variables, home) as url:
        made = leave(House(url, documents_url, seals), folder, lock, _tell)
    if made.rest and made.rest.at_rest:
        return f"{folder} has {made}; {key} opens it, and is to travel another way"
    return f"{folder} has {made}; this is not all: stop the services, and export again into the same folder"


@contextmanager
def _database(variables: dict[str, str], home: Path) -> Iterator[str]:
    """The address of the database: of a stack that runs, or that the operator gave; else it is served meanwhile."""
    if url := variables.get("CECOIA_DATABASE_URL"):
        yield url
        return
    if not (home / SERVER).exists():
        raise Refused(f"there is no stack in {home}")
    with (
        held(home),
        tempfile.TemporaryDirectory(prefix="cecoia-") as folder,
        postgres.serving(home / SERVER, Path(folder) / "s"),
    ):
        yield postgres.url(Path(folder) / "s", "cecoia")


def _import(variables: dict[str, str], folder: Path, key: Path) -> str:
    """Bring a history into the home; gives a line about it.

    Of addresses, those that the operator gives count, and none that an earlier stack left in the home.
    """
    if os.environ.get("CECOIA_DATABASE_URL"):
        raise Refused("a history is imported into the PostgreSQL of a home; unset CECOIA_DATABASE_URL")
    home = Path(variables["CECOIA_HOME"])
    moved = arrive(folder, Lock.read(key), home, os.environ.get("CECOIA_DOCUMENTS_URL"), _tell)
    return f"{home} has {moved}, all verified; once it is started, lists fill up by themselves"


def _tell(events: int) -> None:
    print(f"cecoia: {events} events", flush=True)


COMMANDS = {"export": _export, "import": _import}


def main() -> int:
    """Read the command line and do it; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.moving", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("folder", type=Path, help="of the export")
    parser.add_argument("--key", type=Path, help="file with the key of the lock; FOLDER.key where it is not given")
    given = parser.parse_args()
    folder: Path = given.folder.resolve()
    key: Path = given.key or folder.with_name(f"{folder.name}.key")
    return carry_out(lambda variables: COMMANDS[given.command](variables, folder, key))


if __name__ == "__main__":
    sys.exit(main())
