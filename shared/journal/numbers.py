"""Incident numbers: `1` + day of the recording in Paris (YYMMDD) + `_` + rank of the day, at least four digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from shared.clock import paris_date
from shared.database import Connection, statements
from shared.journal.records import Append, Series

_SQL = statements(__file__, "numbers.sql")
_SEPARATORS: Final = "_-\u2010\u2011\u2012\u2013\u2014./ \t\u00a0\u202f"
#: Series (an `I` or `l` is a misread `1`), day, rank.
_NUMBER = re.compile(rf"([1IiLlEe])(\d{{6}})[{re.escape(_SEPARATORS)}]+(\d{{1,9}})")
_SIGN = re.compile(r"^n\s*[°ºo]\s*", re.IGNORECASE)
_DIGITS: Final = 4


def normalise(text: str) -> str | None:
    """The number that somebody typed or heard: `I181106-230` gives `1181106_0230`.

    Returns:
        The number as the journal writes it; None when the text looks like none.
    """
    if not text.isascii():
        text = "".join(character for character in text if character.isascii() or character in _SEPARATORS + "°º")
    match = _NUMBER.fullmatch(_SIGN.sub("", text.strip()))
    if match is None or not int(match[3]):
        return None
    series = Series.KNOWN_ERROR if match[1] in "eE" else Series.INCIDENT
    return f"{series}{match[2]}_{match[3].lstrip('0').zfill(_DIGITS)}"


async def draw(connection: Connection, commands: Sequence[Append]) -> list[str | None]:
    """A number for each command that asks for one and whose stream does not exist yet.

    Drawing may take a transaction id, which an append must not have yet: it is a transaction of its own.

    Raises:
        ValueError: a number is wanted and a transaction is open.
    """
    wanted = [command for command in commands if command.series]
    if not wanted:
        return [None] * len(commands)
    if connection.is_in_transaction():
        raise ValueError("a stream that gets a number cannot be opened inside a transaction")
    rows = await connection.fetch(
        _SQL.draw,
        [command.stream_id for command in wanted],
        [command.series for command in wanted],
        [paris_date(command.recorded_at) for command in wanted],
    )
    drawn = iter(rows)
    return [next(drawn)[0] if command.series else None for command in commands]
