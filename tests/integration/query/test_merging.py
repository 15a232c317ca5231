"""What a merger makes of lists, queues and the pages of both incidents."""

from shared.events import incident
from shared.events.vocabulary import Role


async def merged(journal):
    """Numbers and last position of two incidents, the first of which goes on in the second."""
    claire, hugo = await journal.person("claire", "Claire Martin"), await journal.person("hugo", "Hugo Petit")
    nadia = await journal.person("nadia", "Nadia Benali")
    stories = [await journal.create(person) for person in (claire, hugo)]
    for stream, _ in stories:
        await journal.add(stream, incident.IncidentRouted(group="messagerie", rule="subject", why="D’après l’objet"))
    ties = [incident.Tie(number=created.number, stream=stream) for stream, created in stories]
    await journal.add(ties[0].stream, incident.IncidentsMerged(by=nadia, into=ties[1]))
    last = await journal.add(ties[1].stream, incident.DuplicatesAdded(by=nadia, duplicates=(ties[0],)))
    return [tie.number for tie in ties], last.position


async def test_what_is_merged_leaves_its_queue_and_is_done(api, journal, projected):
    (duplicate, leader), position = await merged(journal)
    await projected(position)
    queue = (await api.as_("sophie", Role.SUPERVISOR).get("/v1/queues/messagerie")).json()
    assert ([item["number"] for item in queue["items"]], queue["counts"]["total"]) == ([leader], 1)
    claire = api.as_("claire")
    (item,) = (await claire.get("/v1/incidents", params={"status": "done"})).json()["items"]
    assert (item["number"], item["status_label"], item["your_turn"]) == (duplicate, "Regroupé", False)
    assert (await claire.get("/v1/incidents", params={"status": "open"})).json()["items"] == []


async def test_both_tell_it_without_naming_the_other(api, journal, projected):
    (duplicate, leader), position = await merged(journal)
    await projected(position)
    pages = {
        (who, number): (await api.as_(who).get(f"/v1/incidents/{number}")).json()
        for who, number in (("claire", duplicate), ("hugo", leader))
    }
    assert [page["timeline"][-1]["text"] for page in pages.values()] == [
        "Regroupé par Nadia Benali avec un autre incident",
        "Un autre incident est regroupé ici",
    ]
    items = [(await api.as_(who).get(f"/v1/incidents/{n}/history")).json()["items"][-1] for who, n in pages]
    assert [set(item["data"]) for item in items] == [{"by"}, {"by"}]
    agent = api.as_("nadia", Role.AGENT)
    seen = (await agent.get(f"/v1/incidents/{duplicate}/history")).json()["items"][-1]
    assert seen["data"]["into"]["number"] == leader


async def test_before_the_merger_there_was_none(api, journal, projected):
    (duplicate, _), position = await merged(journal)
    await projected(position)
    agent = api.as_("nadia", Role.AGENT)
    entries = (await agent.get(f"/v1/incidents/{duplicate}")).json()["timeline"]
    past = (await agent.get(f"/v1/incidents/{duplicate}", params={"at": entries[-2]["at"]})).json()
    assert (past["status"], past["merged_into"]) == ("to_handle", None)
