"""What may be asked of the feed, read from the query string; every bad value is named at once."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import msgspec

from services.query.parameters import Reader, read_instant
from shared import clock
from shared.events.registry import EVENTS, type_and_schema
from shared.http.problems import Problem
from shared.journal.read import Wanted
from shared.journal.records import START, Position

#: More than lists give: programs read all of it.
LIMIT: Final = 100
MOST: Final = 1000

_TYPES: Final = frozenset(type_and_schema(event)[0] for event in EVENTS)
_DAY: Final = timedelta(days=1)
_YES_NO: Final = {"false": False, "true": True}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """From where on, which events, how many (None: to the head), and whether with what is personal."""

    after: Position = START
    wanted: Wanted = Wanted()
    limit: int | None = None
    personal: bool = False


def read_asked(given: Mapping[str, str], *, default: int | None, resumed: str | None = None) -> Asked:
    """Parameters `after type from to limit personal`.

    Args:
        given: the query string.
        default: limit where none is given.
        resumed: header `Last-Event-ID` of a stream that was cut: it says better than `after` where to go on.

    Raises:
        Problem: 422 naming every bad value.
    """
    reader = Reader(given)
    asked = Asked(
        after=_cursor(reader, "Last-Event-ID", resumed) if resumed else _cursor(reader, "after", reader.text("after")),
        wanted=Wanted(types=_types(reader), since=_moment(reader, "from"), until=_moment(reader, "to", late=_DAY)),
        limit=reader.limit(default, MOST),
        personal=reader.choice("personal", _YES_NO, "false"),
    )
    if asked.wanted.since and asked.wanted.until and asked.wanted.since >= asked.wanted.until:
        reader.refuse("to", "La fin de la période est avant son début.")
    reader.check()
    return asked


def _cursor(reader: Reader, field: str, text: str) -> Position:
    try:
        return Position.decode(text.strip()) if text else START
    except ValueError:
        reader.refuse(field, "Ce curseur n’a pas été donné par cette adresse.")
        return START


def _types(reader: Reader) -> tuple[str, ...] | None:
    types = reader.words("type")
    if unknown := [word for word in types if word not in _TYPES]:
        reader.refuse("type", f"Le type d’événement « {unknown[0][:40]} » n’existe pas.")
    return tuple(types) or None


def _moment(reader: Reader, field: str, *, late: timedelta = timedelta()) -> datetime | None:
    """An instant, or the midnight in Paris with which a day begins, so much later; None where none is given."""
    text = reader.text(field)
    try:
        if len(text) == len("2026-11-06"):
            midnight = datetime.combine(date.fromisoformat(text) + late, time(), clock.PARIS)
            return midnight.astimezone(UTC)
        instant = read_instant(field, text)
        return instant and instant.astimezone(UTC)
    except (Problem, ValueError, OverflowError):
        reader.refuse(field, "Un jour s’écrit comme 2026-11-06, un instant comme 2026-11-06T10:49:49+01:00.")
        return None
