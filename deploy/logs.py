"""The log files of the stack: one for each process, kept short."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import IO

#: Bytes above which a log is set aside; one earlier part is kept.
LIMIT = 20 * 1024 * 1024
_TAIL = 4096


def open_log(folder: Path, name: str) -> IO[bytes]:
    """Open the log of a process at its end; a long one is rotated first."""
    rotate(folder, name)
    return (folder / f"{name}.log").open("ab")


def rotate(folder: Path, name: str) -> None:
    """Copy a log that is too long aside and empty it; its writer appends and goes on undisturbed."""
    log = folder / f"{name}.log"
    if log.exists() and log.stat().st_size > LIMIT:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        with log.open("r+b") as file:
            file.truncate()


def tail(folder: Path, name: str) -> str:
    """The last line that a process wrote, for an error message."""
    with (folder / f"{name}.log").open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL))
        lines = file.read().decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "it says nothing"
