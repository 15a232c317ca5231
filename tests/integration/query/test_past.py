"""The past as it was: what is asked of an instant now is what was answered then."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from shared import clock
from shared.events import incident
from shared.events.catalogue import CatalogueChanged, GroupDefined, SubjectDefined
from shared.events.vocabulary import Kind, Role, Urgency
from tests.integration.query.conftest import CATALOGUE, life

#: What the page of the past leaves out: commands, and what publications say beside an incident.
OF_THE_PRESENT = {"actions", "can_be_followed", "news", "known_errors", "suggested_errors"}
RENAMED = SubjectDefined(
    subject="messagerie.acces",
    label="Messagerie : accès",
    kind=Kind.REQUEST,
    group="reseau",
    take=dict.fromkeys(Urgency, 30),
    resolve=dict.fromkeys(Urgency, 300),
)
LATER = GroupDefined(group="messagerie", label="Messagerie", mail="m@cecoia.example", calendar="standard")


def without(page, names=OF_THE_PRESENT):
    return {name: value for name, value in page.items() if name not in names}


@pytest.fixture
def agent(api):
    return api.as_("nadia", Role.AGENT, groups=("messagerie", "reseau"))


@pytest.mark.parametrize("seed", range(2))
async def test_the_page_of_an_instant_is_what_it_was(api, journal, projected, agent, seed):
    """Random lives under a catalogue that changes: each page is read as it is, and asked for again at the end."""
    choice = random.Random(seed)
    claire, nadia = await journal.person("claire"), await journal.person("nadia")
    stream, outcome = await journal.create(claire, beneficiary=await journal.person("hugo"))
    path, own, seen = f"/v1/incidents/{outcome.number}", api.as_("claire"), {}
    events = [*life(claire, nadia, choice), CatalogueChanged(by=nadia, reason="Clarté"), RENAMED, LATER]
    choice.shuffle(events)
    for event in events:
        of_catalogue = isinstance(event, CatalogueChanged | SubjectDefined | GroupDefined)
        written = await journal.add(CATALOGUE if of_catalogue else stream, event, owner=claire.id)
        await projected(written.position)
        seen[written.recorded_at.isoformat()] = [(await client.get(path)).json() for client in (agent, own)]
    for at, pages in seen.items():
        then = [(await client.get(path, params={"at": at})).json() for client in (agent, own)]
        assert list(map(without, then)) == list(map(without, pages)), at
        assert all(page["actions"] == [] for page in then)
        history = (await agent.get(f"{path}/history", params={"at": at})).json()["items"]
        assert [item["version"] for item in history] == list(range(1, then[0]["version"] + 1))


async def test_the_journey_tells_each_what_is_theirs(api, journal, agent):
    claire, nadia = await journal.person("claire"), await journal.person("nadia")
    stream, outcome = await journal.create(claire)
    await journal.add(stream, incident.IncidentTaken(by=nadia, group="messagerie"))
    await journal.add(CATALOGUE, LATER)
    await journal.add(stream, incident.NoteAdded(by=nadia, text="Entre nous"), owner=claire.id)
    await journal.add(stream, incident.IncidentUpdated(by=claire, urgency=Urgency.HIGH), owner=claire.id)
    path = f"/v1/incidents/{outcome.number}/journey"
    told = (await agent.get(path)).json()
    assert told["number"] == outcome.number
    assert [(step["type"], step["changed"]) for step in told["items"]] == [
        ("IncidentCreated", []),
        ("IncidentTaken", ["status", "status_label", "group", "group_label", "responsible"]),
        ("NoteAdded", ["group_label"]),
        ("IncidentUpdated", ["urgency", "urgency_label"]),
    ]
    assert told["items"][2]["text"] == "Entre nous"
    own = (await api.as_("claire").get(path)).json()["items"]
    assert [step["version"] for step in own] == [1, 2, 4]
    assert own[-1]["standing"]["group_label"] == "Messagerie"
    assert (await api.as_("stranger").get(path)).status_code == 404
    assert (await api.as_("reporter", Role.REPORTING).get(path)).status_code == 403


async def test_instants_that_cannot_be_shown_are_refused_in_words(api, journal):
    _, outcome = await journal.create(await journal.person("claire"), at=datetime(2026, 11, 6, 9, tzinfo=UTC))
    client, path = api.as_("claire"), f"/v1/incidents/{outcome.number}"
    for address in (path, f"{path}/history"):
        early = await client.get(address, params={"at": "2026-11-06T08:59:59Z"})
        assert (early.status_code, early.json()["detail"]) == (
            404,
            "Cet incident n’existait pas encore à cet instant.",
        )
        future = (clock.now() + timedelta(hours=1)).isoformat()
        for wrong, words in (("hier", "L’instant s’écrit"), (future, "Cet instant n’est pas encore passé.")):
            answer = await client.get(address, params={"at": wrong})
            (error,) = answer.json()["errors"]
            assert (answer.status_code, error["field"]) == (422, "at")
            assert error["message"].startswith(words)
