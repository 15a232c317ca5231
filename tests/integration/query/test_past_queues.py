"""Queues as they were: what is asked of an instant now is what the live queue answered then."""

import random
from datetime import datetime

import pytest

from shared import clock
from shared.events import incident
from shared.events.catalogue import CalendarDefined, GroupDefined, SubjectDefined, Week
from shared.events.vocabulary import Kind, Role, Urgency
from tests.integration.query.conftest import CATALOGUE, life
from tests.integration.query.test_lists import numbers

#: What is asked of the live queue during the day, and of its instants afterwards.
QUESTIONS = (
    "/v1/queues",
    "/v1/waiting?limit=100",
    "/v1/queues/messagerie?limit=100",
    "/v1/queues/reseau?limit=2",
    "/v1/queues/messagerie?status=in_progress&responsible=me",
    "/v1/queues/messagerie?urgency=critical,high&sort=-recorded_at",
    "/v1/waiting?sort=number&responsible=nobody",
    "/v1/waiting?sort=-updated_at&your_turn=true",
    "/v1/waiting?sort=-urgency&subject=messagerie.acces",
    "/v1/waiting?sort=-status&responsible=others",
    "/v1/waiting?sort=subject&hold=third_party,requester",
)
ALL_DAY = Week(**dict.fromkeys(Week.__struct_fields__, ("00:00-24:00",)))
CALENDAR = CalendarDefined(calendar="standard", label="Jour et nuit", timezone="Europe/Paris", open=ALL_DAY)
RENAMED = SubjectDefined(
    subject="messagerie.acces",
    label="Accès à la messagerie",
    kind=Kind.REQUEST,
    group="messagerie",
    take=dict.fromkeys(Urgency, 30),
    resolve=dict.fromkeys(Urgency, 60),
)
LATER = GroupDefined(group="messagerie", label="Messagerie", mail="m@cecoia.example", calendar="standard")
ROUTED = incident.IncidentRouted(group="messagerie", rule="subject", why="objet")
#: Depends on who read what and when, which no event says, or on the clock at the time of asking.
OF_THE_PRESENT = {"unread", "minutes_left", "late"}


def lasting(answer):
    """An answer without what is of the present; cursors have it in them that they lead on."""
    body = answer.json()
    if answer.status_code != 200:
        return answer.status_code, body["detail"]
    told = body | {"next": bool(body.get("next"))}
    told["items"] = [without(item) for item in body["items"]]
    return 200, told | ({"counts": without(body["counts"])} if "counts" in body else {})


def at_instant(asked, at):
    return f"{asked}{'&' if '?' in asked else '?'}at={at.isoformat()}"


def without(item):
    return {name: value for name, value in item.items() if name not in OF_THE_PRESENT}


@pytest.fixture
def people(api):
    return (
        api.as_("nadia", Role.AGENT, groups=("messagerie", "reseau")),
        api.as_("lucas", Role.AGENT, groups=("reseau",)),
        api.as_("sophie", Role.SUPERVISOR),
    )


@pytest.mark.parametrize("seed", range(2))
async def test_the_queues_of_an_instant_are_what_they_were(journal, projected, people, seed):
    choice, seen = random.Random(seed), {}
    claire, nadia, lucas = [await journal.person(sub) for sub in ("claire", "nadia", "lucas")]
    plans = [(CATALOGUE, [CALENDAR, RENAMED, LATER])]
    for _ in range(7):
        stream, _ = await journal.create(claire, urgency=choice.choice(list(Urgency)))
        plans.append((stream, [ROUTED, *life(claire, choice.choice((nadia, lucas)), choice)]))
    while still := [plan for plan in plans if plan[1]]:
        stream, events = choice.choice(still)
        written = await journal.add(stream, events.pop(0), owner=claire.id)
        if choice.random() < 0.15:
            await projected(written.position)
            seen[written.recorded_at] = [[lasting(await one.get(asked)) for asked in QUESTIONS] for one in people]
    await projected(written.position)
    assert len(seen) > 3
    for at, answers in seen.items():
        for one, live in zip(people, answers, strict=True):
            then = [lasting(await one.get(at_instant(asked, at))) for asked in QUESTIONS]
            for asked, was, shown in zip(QUESTIONS, live, then, strict=True):
                assert shown == was, (at, asked)


async def test_what_was_late_was_late_then(journal, projected, people):
    """The minutes left are those of the instant, and so is what had run out."""
    await journal.add(CATALOGUE, CALENDAR, RENAMED)
    stream, outcome = await journal.create(
        await journal.person("claire"), at=datetime(2026, 11, 6, 11, tzinfo=clock.PARIS)
    )
    last = await journal.add(stream, ROUTED, at=datetime(2026, 11, 6, 11, 1, tzinfo=clock.PARIS))
    await projected(last.position)
    for minute, late, left in ((1, False, 29), (29, False, 1), (30, True, 0), (45, True, -15)):
        page = (await people[0].get(f"/v1/queues/messagerie?at=2026-11-06T11:{minute:02}:00+01:00")).json()
        (item,) = page["items"]
        assert (item["number"], item["late"], item["minutes_left"]) == (outcome.number, late, left)
        assert (page["counts"]["late"], item["unread"]) == (late, 0)
    assert (await people[0].get("/v1/queues/messagerie?at=2026-11-06T10:59:59+01:00")).json()["items"] == []


async def test_pages_of_the_past_follow_each_other(journal, projected, people):
    claire = await journal.person("claire")
    for urgency in [*Urgency, *Urgency]:
        stream, _ = await journal.create(claire, urgency=urgency)
        last = await journal.add(stream, ROUTED)
    await projected(last.position)
    at = last.recorded_at.isoformat()
    for sort in ("pressing", "-pressing", "number", "-updated_at", "subject", "urgency", "status"):
        given = {"at": at, "sort": sort}
        whole, cursor, pages = numbers(await people[0].get("/v1/queues/messagerie", params=given)), None, []
        while cursor or not pages:
            answer = await people[0].get("/v1/queues/messagerie", params=given | {"limit": 3, "cursor": cursor or ""})
            assert answer.json()["total"] == 8
            pages, cursor = [*pages, *numbers(answer)], answer.json()["next"]
        assert pages == whole, sort


async def test_what_the_past_cannot_answer_is_said(journal, projected, people):
    stream, outcome = await journal.create(await journal.person("claire"))
    last = await journal.add(stream, ROUTED)
    await projected(last.position)
    queue, at = "/v1/queues/messagerie", last.recorded_at.isoformat()
    assert numbers(await people[0].get(queue, params={"at": at, "q": outcome.number})) == [outcome.number]
    asked = {"at": at, "q": "webmail", "status": "open"}
    errors = (await people[0].get(queue, params=asked)).json()["errors"]
    assert [(error["field"], error["message"].split(",")[0]) for error in errors] == [
        ("q", "Dans le passé"),
        ("status", "Dans le passé"),
    ]
    for path in (queue, "/v1/queues", "/v1/waiting"):
        for wrong in ("hier", "2099-01-01T00:00:00Z"):
            answer = await people[0].get(path, params={"at": wrong})
            assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["at"])
