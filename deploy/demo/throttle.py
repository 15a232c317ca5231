"""Brakes whoever tries passwords."""

from __future__ import annotations

from collections import defaultdict, deque


class Throttle:
    """Counts wrong passwords for each name.

    Args:
        tries: wrong ones that are let through within the window.
        window: seconds.
    """

    def __init__(self, tries: int = 10, window: int = 300) -> None:
        self._tries = tries
        self._window = window
        self._wrong: defaultdict[str, deque[int]] = defaultdict(deque)

    def wait(self, name: str, now: int) -> int:
        """Seconds until this name may try again; 0 when at once."""
        wrong = self._wrong.get(name)
        while wrong and wrong[0] <= now - self._window:
            wrong.popleft()
        if not wrong:
            self._wrong.pop(name, None)
            return 0
        return wrong[-self._tries] + self._window - now if len(wrong) >= self._tries else 0

    def failed(self, name: str, now: int) -> None:
        """Note a wrong password."""
        self._wrong[name].append(now)

    def succeeded(self, name: str) -> None:
        """Forget the wrong ones."""
        self._wrong.pop(name, None)
