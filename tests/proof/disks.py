"""Small disks in memory that can be filled to the last byte, where this process may mount any."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BALLAST = "ballast"


class Disk:
    """A folder with an end.

    Attributes:
        folder: what lies on it.
        why_not: why it cannot be filled; empty where it can.
    """

    def __init__(self, folder: Path, why_not: str = "") -> None:
        self.folder = folder
        self.why_not = why_not

    def fill(self) -> None:
        """Leave no room."""
        with (self.folder / _BALLAST).open("wb") as ballast:
            piece = 2**26
            while piece >= 1:
                try:
                    os.posix_fallocate(ballast.fileno(), os.fstat(ballast.fileno()).st_size, piece)
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    piece //= 4

    def free(self) -> None:
        """Give the room back."""
        (self.folder / _BALLAST).unlink(missing_ok=True)


@contextmanager
def disk(folder: Path, megabytes: int) -> Iterator[Disk]:
    """Mount a disk of this size inside a `with` block; where that is not possible, the folder stays a plain one."""
    folder.mkdir(parents=True, mode=0o711)
    options = f"size={megabytes}m,mode=711"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        yield Disk(folder, why_not=f"nothing can be mounted here: {mounted.stderr.strip()}")
        return
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
