"""An incident's life, lived at random by several people: the model, the write side and the read side never disagree.

The model is `decide` and `evolve`; the services run on a real journal. The same lives each time;
`CECOIA_TEST_EXAMPLES=500` asks for more of them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from msgspec.structs import replace

from services.intake.incident import commands as c
from services.intake.incident.deciding import Limits, Refusal, decide
from services.intake.incident.state import State, fold
from shared.events.base import Event, Person
from shared.events.incident import IncidentRouted
from shared.events.vocabulary import HoldReason, Origin, Status, Urgency
from shared.life import COMMANDS
from tests.intruders.conftest import ACTORS, House
from tests.support.intake import FORM

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LIVES: Final = int(os.environ.get("CECOIA_TEST_EXAMPLES", "12"))
STEPS: Final = 12
#: Everybody who may try something with an incident of `own`, who asked for it on behalf of `beneficiary`.
PARTIES: Final = ("own", "foreign", "agent", "elsewhere", "supervisor", "reporting")
GROUP: Final = "messagerie"
#: The model lives in one instant; the house is as quick as it can.
AT: Final = datetime(2018, 11, 6, 9, 49, 49, tzinfo=UTC)
LIMITS: Final = Limits(documents=20, reopening=timedelta(days=30))

#: Bodies of the commands, as HTTP and as the model take them.
BODIES: Final[dict[str, tuple[dict[str, Any], c.Command]]] = {
    "update": ({"text": "Encore."}, c.Update(text="Encore.")),
    "take": ({}, c.Take()),
    "release": ({}, c.Release()),
    "reply": ({"text": "Essayez."}, c.Reply(text="Essayez.")),
    "note": ({"text": "Entre nous."}, c.Note(text="Entre nous.")),
    "hold": ({"reason": "requester"}, c.Hold(reason=HoldReason.REQUESTER)),
    "resume": ({}, c.Resume()),
    "resolve": ({"text": "Fait."}, c.Resolve(text="Fait.")),
    "confirm": ({}, c.Confirm()),
    "refuse": ({"text": "Toujours rien."}, c.Refuse(text="Toujours rien.")),
    "close": ({}, c.Close()),
    "cancel": ({"text": "Réglé."}, c.Cancel(text="Réglé.")),
    "rate": ({"rating": 4}, c.Rate(rating=4)),
    "reopen": ({"text": "Revenu."}, c.Reopen(text="Revenu.")),
}
ADDRESSES: Final = {"update": "updates"}

assert BODIES.keys() | {"transfer", "merge", "link"} == COMMANDS.keys()


def sending(command: str, state: State, other: str, errors: list[str]) -> tuple[dict[str, Any], c.Command]:
    """What is sent now: a transfer leads to the other of two groups, a merger to another incident, which only waits.

    Args:
        command: which.
        state: of the incident.
        other: number of another incident.
        errors: numbers of known errors; the first to which it is not linked yet is taken.
    """
    if command == "merge":
        leader = c.Leader(stream=uuid4(), state=replace(state, number=other, status=Status.TO_HANDLE))
        return {"into": other}, c.Merge(into=other, leader=leader)
    if command == "link":
        error = next(error for error in errors if error not in state.known_errors)
        return {"known_error": error}, c.Link(known_error=error)
    if command != "transfer":
        return BODIES[command]
    group = "reseau" if state.group == GROUP else GROUP
    return {"group": group}, c.Transfer(group=group)


class Model:
    """The incident as the pure rules have it; `other` and `errors` are numbers of what there is besides."""

    def __init__(self, other: str, errors: list[str]) -> None:
        self.other, self.errors = other, errors
        self.people = {name: Person(id=uuid4(), name=name, email=None) for name in ACTORS}
        form = {name: value for name, value in FORM.items() if name != "urgency"}
        created = c.Create(origin=Origin.PORTAL, urgency=Urgency.HIGH, **form)
        routed = IncidentRouted(group=GROUP, rule="subject", why="Objet choisi.")
        self.events: list[Event] = [*decide(None, created, self.actor("own"), at=AT, limits=LIMITS), routed]

    @property
    def state(self) -> State:
        state = fold((event, AT) for event in self.events)
        assert state is not None
        return state

    def actor(self, name: str) -> c.Actor:
        _, roles, groups = ACTORS[name]
        agent, supervisor = bool({"agent", "supervisor"} & set(roles)), "supervisor" in roles
        return c.Actor(person=self.people[name], is_agent=agent, is_supervisor=supervisor, groups=frozenset(groups))

    def send(self, name: str, command: str) -> tuple[int, str | None]:
        """Status and code of the answer; what is accepted happens."""
        if name == "reporting" or not (COMMANDS[command].requester or self.actor(name).is_agent):
            return 403, "role"
        try:
            self.events += decide(self.state, self.sent(command), self.actor(name), at=AT, limits=LIMITS)
        except Refusal as refusal:
            return refusal.status, refusal.code
        return 201, None

    def sent(self, command: str) -> c.Command:
        return sending(command, self.state, self.other, self.errors)[1]

    def sees(self, name: str) -> bool:
        return name == "own" or self.actor(name).is_agent


class Life(RuleBasedStateMachine):
    """One life, in the model and in the house; `house`, `errors` and `wait` are given by the test."""

    house: House
    errors: list[str]
    wait: Callable[[Coroutine[Any, Any, Any]], Any]

    @initialize()
    def begin(self) -> None:
        self.number, other = (self.wait(self.house.incident()) for _ in range(2))
        self.model = Model(other, self.errors)

    @rule(name=st.sampled_from(PARTIES), command=st.sampled_from(list(COMMANDS)))
    def try_something(self, name: str, command: str) -> None:
        self.compare(name, command)

    @rule(name=st.sampled_from(("own", "agent", "supervisor")), chance=st.integers(0, 99))
    def go_on(self, name: str, chance: int) -> None:
        """Most tries are refused, and others end it all; this leads to where an incident seldom comes."""
        if steps := [
            command for command in self.followed(name) if command not in {"update", "reply", "cancel", "merge"}
        ]:
            self.compare(name, steps[chance % len(steps)])

    def compare(self, name: str, command: str) -> None:
        body = sending(command, self.model.state, self.model.other, self.model.errors)[0]
        expected = self.model.send(name, command)
        answer = self.post(name, command, body=body)
        assert (answer.status_code, code_of(answer)) == expected, f"{name} {command}"
        if answer.status_code == 201:
            assert (answer.json()["status"], answer.json()["version"]) == self.expected_state()

    @rule(name=st.sampled_from(("agent", "own")), command=st.sampled_from(("update", "reply", "cancel")))
    def try_something_about_an_older_version(self, name: str, command: str) -> None:
        answer = self.post(name, command, {"If-Match": f'"{self.model.state.version - 1}"'})
        expected = 403 if name == "own" and command == "reply" else 412
        assert answer.status_code == expected

    @rule(name=st.sampled_from(("agent", "own")), command=st.sampled_from(("update", "cancel")))
    def try_something_twice(self, name: str, command: str) -> None:
        """A repeated sending is answered as the first one was, and nothing happens again."""
        key = {"Idempotency-Key": str(uuid4())}
        expected = self.model.send(name, command)
        first, second = self.post(name, command, key), self.post(name, command, key)
        assert (first.status_code, code_of(first)) == expected
        assert (second.status_code, second.content) == (first.status_code, first.content)
        assert second.headers.get("Idempotent-Replayed") == ("true" if first.status_code == 201 else None)

    @invariant()
    def all_see_the_same(self) -> None:
        for name in PARTIES:
            answer = self.get(name)
            if name == "reporting":
                assert answer.status_code == 403
            elif not self.model.sees(name):
                assert answer.status_code == 404
            else:
                page = answer.json()
                assert (page["status"], page["version"]) == self.expected_state()
                assert page["actions"] == self.followed(name), name

    def followed(self, name: str) -> list[str]:
        """Commands that the model would follow now."""
        before, found = list(self.model.events), []
        for command in COMMANDS:
            if self.model.send(name, command)[0] == 201:
                found.append(command)
            self.model.events = list(before)
        return found

    def expected_state(self) -> tuple[str, int]:
        return self.model.state.status.value, self.model.state.version

    def post(
        self, name: str, command: str, headers: dict[str, str] | None = None, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        path = f"/v1/incidents/{self.number}/{ADDRESSES.get(command, command)}"
        headers = self.house.bearer(name) | (headers or {})
        return self.wait(self.house.ask("intake", "POST", path, headers, json=body or BODIES[command][0]))

    def get(self, name: str) -> httpx.Response:
        return self.wait(self.house.ask("query", "GET", f"/v1/incidents/{self.number}", self.house.bearer(name)))


def code_of(answer: httpx.Response) -> str | None:
    """The word for programs in a refusal."""
    return None if answer.status_code == 201 else str(answer.json()["type"]).rpartition(":")[2]


async def test_the_services_live_as_the_model_does(house: House) -> None:
    loop = asyncio.get_running_loop()

    class HouseLife(Life):
        pass

    HouseLife.house = house
    HouseLife.errors = [await house.known_error() for _ in range(STEPS + 2)]
    HouseLife.wait = staticmethod(lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(60))
    lives = settings(
        max_examples=LIVES,
        stateful_step_count=STEPS,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, HouseLife, settings=lives)
