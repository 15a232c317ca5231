"""Brakes whoever tries passwords."""

from __future__ import annotations

from collections import defaultdict, deque


class Throttle:
    """Counts wrong passwords for each key: a name, or an address.

    Args:
        tries: wrong ones that are let through within the window.
        window: seconds.
    """

    def __init__(self, tries: int = 10, window: int = 300) -> None:
        self._tries = tries
        self._window = window
        self._wrong: defaultdict[str, deque[int]] = defaultdict(deque)

    def wait(self, key: str, now: int) -> int:
        """Seconds until this key may try again; 0 when at once."""
        wrong = self._wrong.get(key)
        while wrong and wrong[0] <= now - self._window:
            wrong.popleft()
        if not wrong:
            self._wrong.pop(key, None)
            return 0
        return wrong[-self._tries] + self._window - now if len(wrong) >= self._tries else 0

    def failed(self, key: str, now: int) -> None:
        """Note a wrong password."""
        self._wrong[key].append(now)

    def succeeded(self, key: str) -> None:
        """Forget the wrong ones."""
        self._wrong.pop(key, None)


class Brakes:
    """Brakes who tries many passwords for one name, and who tries many names from one address.

    Args:
        names: counts for each name.
        addresses: counts for each address, which many people may share; a right password forgets nothing here.
    """

    def __init__(self, names: Throttle | None = None, addresses: Throttle | None = None) -> None:
        self._names = names or Throttle()
        self._addresses = addresses or Throttle(tries=100)

    def wait(self, name: str, address: str, now: int) -> int:
        """Seconds until this name may be tried from this address; 0 when at once."""
        return max(self._names.wait(name, now), self._addresses.wait(address, now))

    def failed(self, name: str, address: str, now: int) -> None:
        """Note a wrong password."""
        self._names.failed(name, now)
        self._addresses.failed(address, now)

    def succeeded(self, name: str) -> None:
        """Forget the wrong ones of this name."""
        self._names.succeeded(name)
