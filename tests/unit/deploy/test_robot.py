"""What the example program decides, and how it comes by its token."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from deploy.robot.answering import ANSWERS, RESOLUTION, Incident, commands, wants
from deploy.robot.centre import Centre
from deploy.robot.program import Program
from shared.service_token import ServiceToken

TAKEN = Incident("1181106_0230", "poste.logiciel", "normal", documents=0, turn="p7", is_back=False)


def test_it_answers_and_resolves() -> None:
    assert commands(TAKEN) == [("reply", {"text": ANSWERS["poste.logiciel"]}), ("resolve", {"text": RESOLUTION})]


@pytest.mark.parametrize(
    "change",
    [{"is_back": True}, {"documents": 1}, {"subject": "poste.impression"}, {"urgency": "critical"}],
    ids=lambda change: next(iter(change)),
)
def test_what_it_cannot_do_goes_back_to_people_with_a_word(change: dict[str, Any]) -> None:
    (note, words), release = commands(TAKEN._replace(**change))
    assert (note, release) == ("note", ("release", {}))
    assert words["text"].startswith("Rendu par le robot")


@pytest.mark.parametrize(
    ("subject", "urgency", "wanted"),
    [("poste.logiciel", "high", True), ("poste.logiciel", "critical", False), ("poste.impression", "low", False)],
)
def test_it_takes_its_subject_but_from_whoever_is_stopped(subject: str, urgency: str, wanted: bool) -> None:
    assert wants(subject, urgency) is wanted


@pytest.mark.parametrize(("last", "is_back"), [("IncidentTaken", False), ("ResolutionRefused", True)])
def test_a_turn_begins_with_the_event_that_put_it_into_its_hands(last: str, is_back: bool) -> None:
    detail = {"number": "1181106_0230", "subject": "poste.logiciel", "urgency": "normal", "documents": [{}]}
    events = ["IncidentCreated", "IncidentTaken", "ReplySent", last, "NoteAdded"]
    history = {"items": [{"type": name, "position": f"p{place}"} for place, name in enumerate(events)]}
    read = Incident.read(detail, history)
    assert (read.turn, read.is_back, read.documents) == ("p3", is_back, 1)


class Provider:
    """An identity provider and a service that take note of what they are sent."""

    def __init__(self) -> None:
        self.given = 0
        self.refuses: set[str] = set()
        self.seen: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json={"token_endpoint": "http://identity/token"})
            case "/token":
                self.given += 1
                return httpx.Response(200, json={"access_token": f"t{self.given}", "expires_in": 900})
        token = request.headers["Authorization"].removeprefix("Bearer ")
        self.seen.append(token)
        return httpx.Response(401 if token in self.refuses else 200)


def test_its_token_is_kept_renewed_before_its_end_and_when_it_is_refused() -> None:
    provider, now = Provider(), [0.0]
    auth = ServiceToken("http://identity", "robot-postes", "demo", clock=lambda: now[0])
    with httpx.Client(auth=auth, transport=httpx.MockTransport(provider)) as client:
        client.get("http://query/v1/queues/postes")
        now[0] = 860
        client.get("http://query/v1/queues/postes")
        assert provider.seen == ["t1", "t1"]
        now[0] = 875
        client.get("http://query/v1/queues/postes")
        provider.refuses.add("t2")
        client.get("http://query/v1/queues/postes")
    assert provider.seen == ["t1", "t1", "t2", "t2", "t3"]


@pytest.mark.parametrize(
    ("status", "kind", "stands"),
    [(201, "", True), (409, "", False), (422, "urn:cecoia:problem:key-reused", True)],
)
def test_a_command_says_whether_it_stands(status: int, kind: str, stands: bool) -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(status, json={"type": kind})

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        centre = Centre(client, "http://intake", "http://query")
        assert centre.send("1181106_0230", "reply", "p7", {"text": "Bonjour"}) is stands
    assert sent[0].headers["Idempotency-Key"] == "1181106_0230:p7:reply"


def test_what_is_wrong_with_a_command_is_not_passed_over() -> None:
    refusing = httpx.MockTransport(lambda _: httpx.Response(422, json={"type": "urn:cecoia:problem:invalid"}))
    with httpx.Client(transport=refusing) as client, pytest.raises(httpx.HTTPStatusError):
        Centre(client, "http://intake", "http://query").send("1181106_0230", "reply", "p7", {"text": ""})


def test_an_incident_that_is_refused_keeps_no_other_from_its_turn() -> None:
    sent: list[str] = []
    history = {"items": [{"type": "IncidentTaken", "position": "p1"}]}

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/v1/queues/postes":
            return httpx.Response(200, json={"items": [{"number": "first"}, {"number": "second"}]})
        if request.method == "POST":
            sent.append(path)
            return httpx.Response(403 if "first" in path else 201)
        detail = {"number": path.split("/")[3], "subject": "poste.logiciel", "urgency": "normal", "documents": []}
        return httpx.Response(200, json=history if path.endswith("/history") else detail)

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        Program(Centre(client, "http://intake", "http://query"), "postes").round()
    second = "/v1/incidents/second"
    assert sent == ["/v1/incidents/first/reply", f"{second}/reply", f"{second}/resolve"]
