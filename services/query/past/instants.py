"""An instant of the past: which ones may be asked for, and what had happened by then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final

from services.query.context import Context
from services.query.parameters import read_instant
from shared.catalogue import CATALOGUE_STREAM, Catalogue
from shared.catalogue_history import steps
from shared.http.problems import FieldError, invalid, not_found
from shared.journal.read import read_stream
from shared.journal.records import Recorded
from shared.journal.sealing import leave_sealed

#: The clocks of those who record and of those who ask may differ by so much.
SKEW: Final = timedelta(minutes=1)


def read_past(text: str | None, now: datetime) -> datetime | None:
    """The parameter `at`; None where none is given.

    Args:
        text: as it stands in the address.
        now: the present instant.

    Raises:
        Problem: 422, it is no instant, or one of which nobody can know anything yet.
    """
    instant = read_instant("at", text)
    if instant is not None and instant > now + SKEW:
        raise invalid(FieldError("at", "Cet instant n’est pas encore passé."))
    return instant


def as_of(events: Sequence[Recorded], instant: datetime | None) -> Sequence[Recorded]:
    """The events up to the last one that was recorded by an instant.

    Versions are the order in which things happened; the clocks of the hosts that record them may differ a little, so
    `recorded_at` may step back. What had happened is therefore always a prefix, and holds whatever bears that instant.

    Args:
        events: a stream's, in order.
        instant: the last one that counts; None for the present.
    """
    if instant is None:
        return events
    bearing = (count for count, recorded in enumerate(events, start=1) if recorded.recorded_at <= instant)
    return events[: max(bearing, default=0)]


def had_happened(events: Sequence[Recorded], instant: datetime | None) -> Sequence[Recorded]:
    """The events of an incident up to an instant.

    Raises:
        Problem: 404, there were none.
    """
    if not (past := as_of(events, instant)):
        raise not_found("Cet incident n’existait pas encore à cet instant.")
    return past


class Catalogues:
    """The catalogue after each of its changes.

    Args:
        stream: its events, oldest first.
    """

    def __init__(self, stream: Iterable[Recorded]) -> None:
        changes = steps(stream)
        self._times = [change.at for change in changes]
        self._states = list(accumulate((change.events for change in changes), Catalogue.after, initial=Catalogue()))

    def at(self, instant: datetime) -> Catalogue:
        """The catalogue as it was; before its first change, as that made it: what was imported may be older."""
        bearing = (count for count, at in enumerate(self._times, start=1) if at <= instant)
        return self._states[max(bearing, default=min(1, len(self._times)))]


async def read_catalogues(context: Context) -> Catalogues:
    """The catalogue at any instant."""
    async with context.pool.acquire() as connection:
        return Catalogues(leave_sealed(await read_stream(connection, CATALOGUE_STREAM)))
