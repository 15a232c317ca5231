"""What agents see: rows under the right headings, waits in few letters, conflicts only where somebody did something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.portal.agents import actions as agent
from services.portal.agents import saying
from services.portal.agents.missed import Missed
from services.portal.drafts.receiving import Received
from services.portal.drafts.store import Draft
from services.portal.queues.pages import keys_of, sections, waited
from services.portal.queues.view import View
from shared.events.vocabulary import Kind, Origin, Status, Urgency
from shared.life import COMMANDS
from shared.wire.incidents import Entry, IncidentDetail, IncidentItem, PersonItem

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def item(number: str, status: Status, *, mine: bool = False) -> IncidentItem:
    return IncidentItem(
        number=number,
        version=1,
        subject="reseau.wifi",
        subject_label="Réseau : Wi-Fi",
        kind=Kind.INCIDENT,
        status=status,
        status_label=status.label,
        urgency=Urgency.NORMAL,
        urgency_label="Normale",
        excerpt="Pas de Wi-Fi",
        recorded_at=NOW,
        updated_at=NOW,
        requester="Hugo Petit",
        beneficiary=None,
        responsible=None,
        group="reseau",
        group_label="Réseau et internet",
        documents=0,
        unread=0,
        your_turn=False,
        mine=mine,
    )


def entry(version: int, side: str, *, by_caller: bool = False) -> Entry:
    return Entry(
        version=version,
        type="x",
        at=NOW,
        shape="fact",
        side=side,
        by=None,
        by_caller=by_caller,
        title="",
        text="",
        documents=[],
    )


def detail(*timeline: Entry) -> IncidentDetail:
    person = PersonItem(name="Hugo Petit", email=None, is_caller=False)
    return IncidentDetail(
        number="1261124_0001",
        version=len(timeline),
        subject="reseau.wifi",
        subject_label="Réseau : Wi-Fi",
        kind=Kind.INCIDENT,
        status=Status.IN_PROGRESS,
        status_label="En cours",
        urgency=Urgency.NORMAL,
        urgency_label="Normale",
        origin=Origin.PORTAL,
        origin_label="Portail",
        requester=person,
        beneficiary=None,
        recorded_by=person,
        responsible=None,
        group="reseau",
        group_label="Réseau et internet",
        routing_why=None,
        phone="",
        availability="",
        description="",
        recorded_at=NOW,
        updated_at=NOW,
        timeline=list(timeline),
        documents=[],
        news=[],
        known_errors=[],
        actions=[],
        takes_part=False,
    )


ROWS = [
    item("a", Status.TO_HANDLE),
    item("b", Status.IN_PROGRESS, mine=True),
    item("c", Status.IN_PROGRESS),
    item("d", Status.TO_HANDLE),
]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View(), ["ad", "b", "c"]),
        (View(sort="recorded_at"), ["abcd"]),
        (View(urgency="normal"), ["abcd"]),
    ],
)
def test_rows_stand_under_their_heading_in_the_order_they_came(view: View, expected: list[str]) -> None:
    assert ["".join(row.number for row in part.rows) for part in sections(ROWS, view)] == expected


@pytest.mark.parametrize(
    ("current", "expected"),
    [
        ("a", {"b": "j"}),
        ("b", {"c": "j", "a": "k"}),
        ("c", {"next": "j", "b": "k"}),
        ("elsewhere", {"a": "j"}),
    ],
)
def test_keys_lead_to_the_neighbours(current: str, expected: dict[str, str]) -> None:
    assert keys_of(["a", "b", "c"], current) == expected
    assert keys_of([], current) == {}


@pytest.mark.parametrize("view", [View(), View(urgency="normal")])
def test_an_empty_heading_is_left_out(view: View) -> None:
    assert sections([], view) == []


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(-5, "0 min"), (0, "0 min"), (59, "59 min"), (60, "1 h 00"), (108, "1 h 48"), (1439, "23 h 59"), (3000, "2 j")],
)
def test_waits_are_short_words(minutes: int, expected: str) -> None:
    assert waited(NOW - timedelta(minutes=minutes), NOW).replace("\u00a0", " ") == expected


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([], []),
        ([entry(3, "system")], []),
        ([entry(3, "agent", by_caller=True)], []),
        ([entry(3, "system"), entry(4, "requester")], [4]),
        ([entry(3, "agent")], [3]),
    ],
)
def test_only_what_somebody_else_did_is_a_conflict(later: list[Entry], expected: list[int]) -> None:
    incident = detail(entry(1, "requester"), entry(2, "agent"), *later)
    assert [entry.version for entry in Missed("reply", 2).entries(incident)] == expected


@pytest.mark.parametrize("since", ["", "-1", "deux", "²", "1" * 10])
def test_a_version_that_makes_no_sense_is_none(since: str) -> None:
    assert Missed.read({"depuis": since, "geste": "reply"}) is None


def test_what_was_held_back_stands_in_the_address() -> None:
    held = Missed("resolve", 12)
    assert Missed.read(held.query) == held


def test_every_command_of_an_agent_says_what_it_did() -> None:
    assert set(agent.DONE) == agent.SENT == set(COMMANDS) - {"update", "rate"}
    assert saying.WITH_TEXT | set(saying.CHOICES) <= agent.SENT


@pytest.mark.parametrize(
    ("command", "posted", "expected"),
    [
        ("take", {"text": "x"}, {}),
        ("reply", {"text": " Bonjour "}, {"text": "Bonjour"}),
        ("hold", {"reason": "requester", "text": "Quel poste ?"}, {"reason": "requester", "text": "Quel poste ?"}),
        ("hold", {"reason": "date", "until": "2026-12-01"}, {"reason": "date", "until": "2026-12-01T00:00:00+01:00"}),
        ("transfer", {"to": "group:reseau", "text": " "}, {"group": "reseau"}),
        ("transfer", {"to": "subject:reseau.wifi", "text": "Le Wi-Fi"}, {"subject": "reseau.wifi", "text": "Le Wi-Fi"}),
    ],
)
def test_a_form_becomes_the_body_of_its_command(command: str, posted: dict[str, str], expected: dict[str, str]) -> None:
    assert saying.body_of(command, received(posted)) == expected


@pytest.mark.parametrize(
    ("command", "posted", "step", "body"),
    [
        ("reply", {"text": "Quel poste ?"}, "reply", {"text": "Quel poste ?"}),
        ("reply", {"text": "Quel poste ?", "then": "hold"}, "hold", {"reason": "requester", "text": "Quel poste ?"}),
        ("reply", {"text": "Réparé", "then": "resolve"}, "resolve", {"text": "Réparé"}),
        ("reply", {"text": "Bonjour", "then": "cancel"}, "reply", {"text": "Bonjour"}),
        ("note", {"text": "Entre nous", "then": "resolve"}, "note", {"text": "Entre nous"}),
    ],
)
def test_a_reply_may_do_more_and_a_note_never(
    command: str, posted: dict[str, str], step: str, body: dict[str, str]
) -> None:
    assert saying.step_of(command, received(posted)) == (step, body)


def test_a_reply_without_words_does_nothing_else_either() -> None:
    with pytest.raises(saying.Unsendable):
        saying.step_of("reply", received({"text": " ", "then": "resolve"}))


@pytest.mark.parametrize(
    ("command", "posted", "code"),
    [
        ("note", {"text": " "}, "vide"),
        ("hold", {"text": "Plus tard"}, "attente"),
        ("hold", {"reason": "vacances"}, "attente"),
        ("hold", {"reason": "date"}, "date"),
        ("hold", {"reason": "requester", "until": "demain"}, "date"),
        ("transfer", {"text": "Pour vous"}, "destination"),
        ("transfer", {"to": "person:nadia"}, "destination"),
        ("transfer", {"to": "group:"}, "destination"),
    ],
)
def test_what_says_too_little_is_told(command: str, posted: dict[str, str], code: str) -> None:
    with pytest.raises(saying.Unsendable) as refusal:
        saying.body_of(command, received(posted))
    assert refusal.value.code == code
    assert code in agent.NOT_DONE


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        ("/files/reseau?status=to_handle&incident=1&avis=x", "/files/reseau?status=to_handle&incident=7&avis=take"),
        ("/files/reseau?incident=7&avis=change&depuis=3&geste=reply", "/files/reseau?incident=7&avis=take"),
        ("/incidents/7", "/incidents/7?avis=take"),
        ("https://elsewhere.example/", "/incidents/7?avis=take"),
    ],
)
def test_a_form_leads_back_to_the_view_that_it_stood_in(back: str, expected: str) -> None:
    assert agent._back(back, "7", {"avis": "take"}, anchor="") == expected


def received(posted: dict[str, str]) -> Received:
    return Received(draft=Draft(id="d", form="f", fields={}, files=[]), posted=posted, problems=[])
