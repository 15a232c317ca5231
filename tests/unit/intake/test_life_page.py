"""The page about the life of an incident says what the rules do, in every status that there is."""

from __future__ import annotations

from itertools import product
from typing import Any, Final

import pytest

from services.intake.incident import commands as c
from services.intake.incident.deciding import Refusal, decide
from services.intake.incident.state import evolve
from shared import life_page
from shared.events.base import Event
from shared.events.vocabulary import HoldReason, Status
from shared.life import COMMANDS, ends_of
from tests.unit.intake.test_incident import (
    ASKED,
    AT,
    AWAY,
    CANCELLED,
    CLOSED,
    CREATED,
    LIMITS,
    RESOLVED,
    ROUTED,
    TAKEN,
    agent,
    requester,
    state_of,
    supervisor,
)
from tests.unit.intake.test_merging import LEADER, into

#: Ways to live so far; together they show each status, with somebody who answers for the incident and without.
LIVES: Final = [
    (CREATED, ROUTED, *further)
    for further in ((), (TAKEN,), (TAKEN, ASKED), (TAKEN, AWAY), (RESOLVED,), (TAKEN, RESOLVED), (CLOSED,))
] + [(CREATED, ROUTED, TAKEN, CLOSED), (CREATED, CANCELLED)]
ASKED_FOR: Final[dict[str, Any]] = {
    "text": "…",
    "group": "reseau",
    "reason": HoldReason.DATE,
    "into": LEADER.number,
    "known_error": "E181106_0001",
    "leader": into().leader,
    "rating": 3,
}


def sent(command: str) -> c.Command:
    """The command, with something in each field that must be filled."""
    (kind,) = (one for one in c.Command.__args__ if one.name == command)
    return kind(**{name: value for name, value in ASKED_FOR.items() if name in kind.__struct_fields__})


def outcomes(history: tuple[Event, ...], command: str) -> set[Status]:
    """Where the command leads from there, whoever sends it."""
    before = state_of(history)
    assert before is not None
    found = set()
    for actor in (requester, agent, supervisor):
        try:
            events = decide(before, sent(command), actor, at=AT, limits=LIMITS)
        except Refusal:
            continue
        state = before
        for event in events:
            state = evolve(state, event, AT)
        found.add(state.status)
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_leads_where_the_page_says(command: str) -> None:
    found: dict[Status, set[Status]] = {}
    for history in LIVES:
        if ends := outcomes(history, command):
            found.setdefault(state_of(history).status, set()).update(ends)  # type: ignore[union-attr]
    assert found == {status: ends_of(command, status) for status in Status if life_page.is_possible(command, status)}


def test_an_arrow_is_drawn_for_each_way_and_no_other() -> None:
    drawn = {line.split(":")[0].strip() for line in life_page.page().splitlines() if "-->" in line}
    ways = {
        f"{start.value} --> {end.value}"
        for start, command in product(Status, COMMANDS)
        if life_page.is_possible(command, start)
        for end in ends_of(command, start) - {start}
    }
    assert drawn == ways | {"[*] --> to_handle"}
