"""A clock for the services that can be set while they run, where libfaketime is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PLACES: Final = ("/usr/lib", "/usr/local/lib")
_LIBRARY: Final = "libfaketimeMT.so.1"


class Clock:
    """The wall clock of the services, as an offset from the true one; their monotonic clock stays true.

    Args:
        file: which they read the offset from, once a second.

    Attributes:
        why_not: why it cannot be set; empty where it can.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._library = next((found for place in _PLACES for found in Path(place).rglob(_LIBRARY)), None)
        self.why_not = "" if self._library else "libfaketime is not installed"
        self.set(0)

    def set(self, seconds: int) -> None:
        """Let the services' clock be so much ahead of the true one, or behind."""
        part = self._file.with_suffix(".part")
        part.write_text(f"{seconds:+d}\n", encoding="ascii")
        part.replace(self._file)

    @property
    def variables(self) -> dict[str, str]:
        """What puts a process under this clock."""
        if self._library is None:
            return {}
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
