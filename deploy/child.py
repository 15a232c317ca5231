"""What a child process does between fork and exec: it ends when its parent does, and gives up root if asked to."""

from __future__ import annotations

import ctypes
import os
import signal
import struct
from collections.abc import Callable
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522
_DAC_OVERRIDE = 1
_DAC_READ_SEARCH = 2


def before_exec(end: signal.Signals = signal.SIGTERM, user: int | None = None) -> Callable[[], None]:
    """Make the `preexec_fn` of a child.

    Args:
        end: the signal that the child gets when the thread that started it ends, however that happens.
        user: numeric user to become; None stays.
    """
    parent = os.getpid()

    def prepare() -> None:
        if user is not None:
            _become(user)
        _prctl(_PR_SET_PDEATHSIG, end)  # after the change of user, which clears it
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def _become(user: int) -> None:
    """Change the user but keep the right to walk through folders, for a clone that lies below `/root`."""
    kept = _effective() & (1 << _DAC_OVERRIDE | 1 << _DAC_READ_SEARCH)
    _prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    header = struct.pack("<Ii", _CAPABILITY_VERSION_3, 0)
    if _LIBC.capset(header, struct.pack("<6I", kept, kept, kept, 0, 0, 0)) != 0:
        raise OSError(ctypes.get_errno(), "capset")
    for capability in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
        if kept & 1 << capability:
            _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability)


def _effective() -> int:
    with Path("/proc/self/status").open(encoding="ascii") as status:
        return next(int(line.split()[1], 16) for line in status if line.startswith("CapEff:"))


def _prctl(option: int, *arguments: int) -> None:
    padded = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    if _LIBC.prctl(option, *padded) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")
