"""Due times: they order the queues, are counted when missed, and move with the calendar, whatever the pages."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec
import pytest

from services.query.projections.prove import prove
from services.query.projections.tracking import TRACKING
from shared.catalogue import CATALOGUE_STREAM
from shared.events import catalogue, incident
from shared.events.vocabulary import HoldReason, Kind, Role, Urgency
from shared.journal.sealing import Vault
from tests.integration.query.conftest import CATALOGUE
from tests.integration.query.test_lists import numbers

ALL_DAY = ("00:00-24:00",)
CALENDAR = catalogue.CalendarDefined(
    calendar="standard",
    label="Jour et nuit",
    timezone="Europe/Paris",
    open=catalogue.Week(**dict.fromkeys(catalogue.Week.__struct_fields__, ALL_DAY)),
)
SUBJECT = catalogue.SubjectDefined(
    subject="messagerie.acces",
    label="Messagerie : connexion impossible",
    kind=Kind.INCIDENT,
    group="messagerie",
    take=dict.fromkeys(Urgency, 60),
    resolve=dict.fromkeys(Urgency, 600),
)
ROUTED = incident.IncidentRouted(group="messagerie", rule="subject", why="objet")


@pytest.fixture
def ago() -> Callable[[float], datetime]:
    """So many minutes before this test."""
    now = datetime.now(UTC).replace(microsecond=0)
    return lambda minutes: now - timedelta(minutes=minutes)


@pytest.fixture
async def waiting(journal, ago):
    """Four incidents: taken late and on hold, late, nearly due, and taken with much time left."""
    claire, nadia = await journal.person("claire"), await journal.person("nadia")
    await journal.add(CATALOGUE, CALENDAR, SUBJECT)
    taken = incident.IncidentTaken(by=nadia, group="messagerie")
    held = incident.IncidentPutOnHold(by=nadia, reason=HoldReason.THIRD_PARTY)
    lives = ((300, [ROUTED, taken, held]), (90, [ROUTED]), (50, []), (200, [ROUTED, taken]))
    return [await journal.create(claire, at=ago(minutes), further=events) for minutes, events in lives]


@pytest.fixture
def agent(api):
    return api.as_("nadia", Role.AGENT, groups=("messagerie",))


async def test_what_is_due_first_stands_first(waiting, journal, projected, agent, ago):
    routed = await journal.add(waiting[2][0], ROUTED, at=ago(49))
    await projected(routed.position)
    page = (await agent.get("/v1/queues/messagerie")).json()
    held, late, near, taken = (outcome.number for _, outcome in waiting)
    assert [item["number"] for item in page["items"]] == [late, near, taken, held]
    assert [item["late"] for item in page["items"]] == [True, False, False, False]
    left = [item["minutes_left"] for item in page["items"]]
    assert left[3] is None
    assert left[:3] == pytest.approx([-30, 10, 400], abs=2)
    assert page["counts"]["late"] == 1
    item = page["items"][2]
    assert item["due_at"] == item["resolve_due_at"] == ago(-400).isoformat().replace("+00:00", "Z")
    first = (await agent.get("/v1/queues/messagerie?limit=3")).json()
    rest = await agent.get("/v1/queues/messagerie", params={"limit": 3, "cursor": first["next"]})
    assert numbers(rest) == [held]


async def test_requesters_are_not_told(waiting, projected, api, agent):
    outcome = waiting[-1][1]
    await projected(outcome.position)
    row = (await api.as_("claire").get("/v1/incidents")).json()["items"][0]
    assert (row["due_at"], row["late"]) == (None, False)
    path = f"/v1/incidents/{outcome.number}"
    assert (await api.as_("claire").get(path)).json()["due_at"] is None
    assert (await agent.get(path)).json()["due_at"] is not None


async def test_agents_are_told_why_with_what_moved_it(waiting, journal, projected, agent, api, *, ago):
    sophie, outcome = await journal.person("sophie"), waiting[-1][1]
    changed = catalogue.CatalogueChanged(by=sophie, reason="Permanence de nuit")
    await projected(
        (await journal.add(CATALOGUE_STREAM, changed, CALENDAR, SUBJECT, owner=sophie.id, at=ago(0))).position
    )
    path = f"/v1/incidents/{outcome.number}/beside"
    beside = (await agent.get(path)).json()
    assert [(item["target"], item["minutes"], item["calendar"]) for item in beside["targets"]] == [
        ("take", 60, "Jour et nuit"),
        ("resolve", 600, "Jour et nuit"),
    ]
    assert beside["targets"][1]["lines"][-1]["total"] == 600
    assert [move["why"] for move in beside["target_moves"]] == ["Permanence de nuit"] * 2
    assert (await api.as_("claire").get(path)).status_code == 403


@pytest.mark.parametrize("page", [1, 3, 1000])
async def test_a_calendar_that_changes_moves_what_is_open(  # noqa: PLR0917
    waiting, journal, projected, agent, query_pool, database_url, page, ago
):
    stream, outcome = waiting[1]
    path = f"/v1/incidents/{outcome.number}"
    await projected(waiting[-1][1].position)
    before = (await agent.get("/v1/queues/messagerie")).json()["items"][0]
    assert before["number"] == outcome.number
    closed = msgspec.structs.replace(CALENDAR, closed=(f"{ago(0):%Y-%m-%d}/{ago(-3 * 24 * 60):%Y-%m-%d}",))
    await projected((await journal.add(CATALOGUE, closed)).position)
    items = {item["number"]: item for item in (await agent.get("/v1/queues/messagerie")).json()["items"]}
    assert items[outcome.number]["due_at"] > before["due_at"]
    assert not items[outcome.number]["late"]
    assert items[outcome.number]["due_at"] == (await agent.get(path)).json()["due_at"]
    claire = await journal.person("claire")
    await journal.add(stream, incident.IncidentCancelled(by=claire, reason="Non."), owner=claire.id)
    await projected((await journal.add(CATALOGUE, CALENDAR)).position)
    reader = await asyncpg.connect(database_url, server_settings={"role": "cecoia_query", "timezone": "UTC"})
    try:
        assert not (await prove(query_pool, reader, Vault(query_pool), TRACKING, page=page)).differences
    finally:
        await reader.close()
