"""A clock that can be set while programs run, for the services that stamp events, where libfaketime is installed.

Only for those: the library breaks the sleeping of other programs (Celery's), which no clock that jumps would do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PLACES: Final = ("/usr/lib", "/usr/local/lib")
_LIBRARY: Final = "libfaketimeMT.so.1"
#: What every Python program does first: those that are meant begin again under the library.
_HOOK: Final = """
import os, sys
if sys.orig_argv[1:] in (["-m", "services.intake"], ["-m", "services.query"]) and "LD_PRELOAD" not in os.environ:
    os.execve(sys.executable, sys.orig_argv, os.environ | {"LD_PRELOAD": os.environ["PROOF_CLOCK"]})
"""


class Clock:
    """The wall clock of the services, as an offset from the true one; their monotonic clock stays true.

    Args:
        file: which they read the offset from, once a second.

    Attributes:
        why_not: why it cannot be set; empty where it can.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._hooks = file.with_name("hooks")
        self._library = next((found for place in _PLACES for found in Path(place).rglob(_LIBRARY)), None)
        self.why_not = "" if self._library else "libfaketime is not installed"
        self.set(0)

    def set(self, seconds: int) -> None:
        """Let the services' clock be so much ahead of the true one, or behind."""
        part = self._file.with_suffix(".part")
        part.write_text(f"{seconds:+d}\n", encoding="ascii")
        part.replace(self._file)

    def variables(self) -> dict[str, str]:
        """Write what puts the services under this clock; gives the environment that they need."""
        if self._library is None:
            return {}
        self._hooks.mkdir()
        (self._hooks / "sitecustomize.py").write_text(_HOOK, encoding="ascii")
        return {
            "PYTHONPATH": str(self._hooks),
            "PROOF_CLOCK": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
