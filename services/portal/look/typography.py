"""How French pages write things: dates, telephone numbers, sizes, amounts. Every function here is a Jinja filter."""

import re
from datetime import datetime
from typing import Final

from markupsafe import Markup, escape

from shared.clock import PARIS
from shared.phone import show
from shared.typography import NBSP, THIN, french

_KILO: Final = 1_000
_MONTHS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
    "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_BLANK_LINES: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def moment(instant: datetime) -> str:
    """An exact instant: `06/11/2018 10:49:49`, Paris time."""
    return instant.astimezone(PARIS).strftime("%d/%m/%Y %H:%M:%S")


def machine(instant: datetime) -> str:
    """The same for the `datetime` attribute of `<time>`."""
    return instant.astimezone(PARIS).isoformat(timespec="seconds")


def clock(instant: datetime) -> str:
    """`8 h 47`, Paris time."""
    local = instant.astimezone(PARIS)
    return f"{local.hour}{NBSP}h{NBSP}{local.minute:02}"


def day(instant: datetime) -> str:
    """`23 novembre`, `1er janvier`."""
    local = instant.astimezone(PARIS)
    number = "1er" if local.day == 1 else str(local.day)
    return f"{number}{NBSP}{_MONTHS[local.month - 1]}"


def month(code: str) -> str:
    """`novembre 2026`, of `2026-11`."""
    year, _, number = code.partition("-")
    return f"{_MONTHS[int(number) - 1]}{NBSP}{year}"


def ago(instant: datetime, now: datetime) -> str:
    """How people say it: `aujourd’hui à 8 h 47`, `hier à 16 h 05`, `le 20 novembre`, `le 20 novembre 2018`."""
    days = (now.astimezone(PARIS).date() - instant.astimezone(PARIS).date()).days
    if days in {0, 1}:
        return f"{('aujourd’hui', 'hier')[days]} à {clock(instant)}"
    year = instant.astimezone(PARIS).year
    return f"le {day(instant)}" if year == now.astimezone(PARIS).year else f"le {day(instant)}{NBSP}{year}"


def size(length: int) -> str:
    """A length in bytes for people: `184 Ko`, `2,4 Mo`."""
    if length < _KILO:
        return f"{length}{NBSP}octet{'s' if length > 1 else ''}"
    if round(length / _KILO) < _KILO:
        return f"{round(length / _KILO)}{NBSP}Ko"
    return f"{length / _KILO**2:.1f}".replace(".0", "").replace(".", ",") + f"{NBSP}Mo"


def thousands(number: int) -> str:
    """`12 480`, with narrow spaces."""
    return f"{number:,}".replace(",", THIN)


def counted(number: int, one: str, many: str) -> str:
    """`1 incident`, `42 incidents`; nought is singular in French."""
    return f"{thousands(number)}{NBSP}{one if number < 2 else many}"  # noqa: PLR2004 - the French plural starts at two


def at_least(text: str, is_least: bool) -> str:
    """The text of a number, said to be no more than a lower bound where it is one: `au moins 1 000 incidents`."""
    return f"au moins {text}" if is_least else text


def duration(minutes: int) -> str:
    """`20 min`, `1 h 10`, `18 h`, `1 000 h`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}{NBSP}min"
    return f"{thousands(hours)}{NBSP}h{NBSP}{rest:02}" if rest else f"{thousands(hours)}{NBSP}h"


def time_left(minutes: int, is_late: bool) -> str:
    """What is left of a target: `1 h 10 restantes`, `en retard de 20 min`.

    Args:
        minutes: working minutes until it runs out; below zero those since then.
        is_late: whether it has run out, be it outside of working hours.
    """
    if is_late:
        return f"en retard de {duration(-minutes)}"
    return f"{duration(minutes)} restante{'' if minutes in {0, 1, 60} else 's'}"


def initials(name: str) -> str:
    """`CM` for Claire Martin."""
    words = name.replace("-", " ").split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def lower_first(text: str) -> str:
    """The text with a small first letter, to follow a colon; an abbreviation keeps its capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def paragraphs(text: str) -> Markup:
    """What a person typed, escaped, with its paragraphs and line ends."""
    blocks = _BLANK_LINES.split(text.replace("\r\n", "\n").strip("\n"))
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in block.split("\n"))) for block in blocks
    )


FILTERS: Final = {
    "french": french,
    "moment": moment,
    "machine": machine,
    "day": day,
    "ago": ago,
    "phone": show,
    "size": size,
    "thousands": thousands,
    "at_least": at_least,
    "counted": counted,
    "duration": duration,
    "time_left": time_left,
    "initials": initials,
    "lower_first": lower_first,
    "paragraphs": paragraphs,
}
