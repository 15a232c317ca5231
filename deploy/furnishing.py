"""An empty home that gets its data from elsewhere, before it is started for the first time."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final, TypeVar

from deploy import postgres
from deploy.archive import DOCUMENTS, SEALS
from deploy.dumps import rebase
from deploy.home import Refused, held

T = TypeVar("T")

SERVER: Final = "postgres"


def furnish(
    home: Path,
    name: str,
    fill: Callable[[Path, str], Awaitable[T]],
    transaction: int,
    *,
    go_on: Callable[[Path], bool] = lambda _part: False,
) -> T:
    """Fill an empty home.

    Everything is made in a folder of its own in the home and moved to its place at the end, the database last; what
    was interrupted before can be begun again.

    Args:
        home: empty, and not in use.
        name: of the folder in it in which everything is made.
        fill: gets that folder and the address of the database, which is to be made, and fills both.
        transaction: id before which every position lies that was given out where the data come from.
        go_on: whether what an interrupted attempt left in the folder is to be gone on with.

    Returns:
        What `fill` does.

    Raises:
        Refused: the home is in use or not empty.
        Exception: as `fill`, `postgres.serving` and `rebase`.
    """
    with held(home):
        part = home / name
        _take_back(part, home)
        if not go_on(part):
            shutil.rmtree(part, ignore_errors=True)
        if others := sorted(path.name for path in home.iterdir() if path.name not in {"lock", name}):
            raise Refused(f"{home} is not empty: {' '.join(others[:5])}")
        part.mkdir(mode=0o700, exist_ok=True)
        filled = _filled(part, fill)
        rebase(part / SERVER, transaction)
        _move(part, home, (DOCUMENTS, SEALS, SERVER))
        shutil.rmtree(part)
    return filled


def _filled(part: Path, fill: Callable[[Path, str], Awaitable[T]]) -> T:
    async def filling(url: str) -> T:
        return await fill(part, url)

    with tempfile.TemporaryDirectory(prefix="cecoia-") as folder:
        sockets = Path(folder) / "s"
        postgres.await_end(part / SERVER)
        with postgres.serving(part / SERVER, sockets):
            return asyncio.run(filling(postgres.url(sockets, "cecoia")))


def _take_back(part: Path, home: Path) -> None:
    """Undo what an interrupted attempt moved: the home was empty when it began, and the database comes last."""
    if part.exists() and not (home / SERVER).exists():
        _move(home, part, (DOCUMENTS, SEALS))


def _move(source: Path, target: Path, names: Iterable[str]) -> None:
    for name in names:
        if (source / name).exists():
            (source / name).replace(target / name)
