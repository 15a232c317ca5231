"""Processes that an earlier start left behind because it was killed; a new start ends them before it begins."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import psutil

Birth = tuple[int, float]


def birth(pid: int) -> Birth:
    """What tells a process from a later one with the same id: the id and the moment it began."""
    try:
        return pid, psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return pid, 0.0


def end_leftovers(home: Path, record: Path, patience: float = 5.0) -> int:
    """End what still runs of an earlier stack in this home. Only for who holds the lock of the home.

    Args:
        home: the folder of the stack.
        record: the file of births that the earlier supervisor kept.
        patience: seconds before they are killed.

    Returns:
        How many there were.
    """
    try:
        births = {(int(pid), float(began)) for pid, began in json.loads(record.read_text(encoding="ascii"))}
    except FileNotFoundError:
        return 0
    except ValueError:
        births = set()
    found = [process for process in psutil.process_iter() if _belongs(process, births, str(home))]
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(found, timeout=patience)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=patience)
    record.unlink(missing_ok=True)
    return len(found)


def _belongs(process: psutil.Process, births: set[Birth], home: str) -> bool:
    """Whether it is one of the recorded processes, or was forked by one (those carry the home in their environment)."""
    try:
        if process.pid == psutil.Process().pid:
            return False
        return (process.pid, process.create_time()) in births or process.environ().get("CECOIA_STACK") == home
    except (psutil.Error, OSError):
        return False
