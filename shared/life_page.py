"""`python -m shared.life_page` writes docs/life.md: where an incident goes from where, by whom.

Made of `shared.life` and `shared.permits`. With `--check` it changes nothing and tells whether the page is out of date.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

from shared.events.incident import IncidentCreated
from shared.events.vocabulary import Status
from shared.life import COMMANDS, LEADS, TIMES, Rule, destinations, ends_of
from shared.permits import Party, Place, obstacle

PAGE: Final = Path(__file__).parents[1] / "docs" / "life.md"

_FRAME: Final = """\
# The life of an incident

Made from `shared/life.py` by `python -m shared.life_page`: change the rules there, not this page.

```mermaid
stateDiagram-v2
{diagram}
```

An arrow names all commands that take it; `(time)` is nobody's. What leaves an incident where it is has no arrow.

{table}

A cell says where the command leads from there: `=` leaves the status as it is, an empty cell refuses. What a command
asks for besides stands in `shared/permits.py`: the agent's group, who answers for the incident, how long ago it was
closed. Commands of the requester are also those of the beneficiary and, where agents may send them too, of whoever
recorded the incident.
"""


def page() -> str:
    """The text of the page."""
    return _FRAME.format(diagram="\n".join(_diagram()), table="\n".join(_table()))


def _diagram() -> Iterator[str]:
    """Lines of Mermaid: the statuses with their labels, then the ways between them."""
    reached = {end for _, end in _arrows()}
    for status in Status:
        if status in reached or status is LEADS[IncidentCreated]:
            yield f'    state "{status.label}" as {status.value}'
    yield f"    [*] --> {LEADS[IncidentCreated].value}: create"
    for (start, end), names in _arrows().items():
        yield f"    {start.value} --> {end.value}: {', '.join(names)}"


def _arrows() -> dict[tuple[Status, Status], list[str]]:
    """What leads from one status to another, in the order in which an incident lives."""
    named: dict[tuple[Status, Status], list[str]] = {}
    for start in Status:
        for command in (command for command in COMMANDS if is_possible(command, start)):
            for end in ends_of(command, start) - {start}:
                named.setdefault((start, end), []).append(command)
        for event in (event for event, ended in TIMES.items() if ended is start):
            for end in destinations(event):
                named.setdefault((start, end), []).append("(time)")
    order = list(Status)
    return {way: named[way] for way in sorted(named, key=lambda way: [order.index(status) for status in way])}


def is_possible(command: str, status: Status) -> bool:
    """Whether a command may be sent in a status by somebody who is everything, and answers for the incident."""
    party = Party(UUID(int=0), own=True, concerned=True, agent=True, supervisor=True, groups=frozenset())
    return obstacle(command, Place(status, group="", responsible=party.person), party) is None


def _table() -> Iterator[str]:
    starts = [status for status in Status if any(is_possible(command, status) for command in COMMANDS)]
    yield _row(["Command", "Who", *(status.label for status in starts)])
    yield _row(["---"] * (2 + len(starts)))
    for command, rule in COMMANDS.items():
        yield _row([f"`{command}`", _who(rule), *(_cell(command, start) for start in starts)])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _who(rule: Rule) -> str:
    return ", ".join(name for name, may in (("requester", rule.requester), ("agent", rule.agent)) if may)


def _cell(command: str, start: Status) -> str:
    if not is_possible(command, start):
        return ""
    ends = ends_of(command, start)
    return " or ".join("=" if status is start else status.label for status in Status if status in ends)


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(prog="python -m shared.life_page", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if the page is out of date")
    check = parser.parse_args().check
    if not check:
        PAGE.write_text(page(), encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page():
        raise SystemExit("docs/life.md is out of date: run python -m shared.life_page")


if __name__ == "__main__":
    main()
